"""What a plan says that an import would cost."""

from __future__ import annotations

from activities.previewing import Providers
from workflows.contracts import Embedding, Extraction

EMBEDDING = Embedding(provider="embedding.a", price_per_million=0.5, deadline_s=30)
EXTRACTION = Extraction(
    provider="extraction.b", price_per_million_in=2, price_per_million_out=8, max_answer_tokens=800, deadline_s=30
)


def test_where_nobody_is_asked_there_is_no_cost() -> None:
    assert Providers(None, None).cost(1000, 250_000) is None


def test_each_provider_is_paid_by_its_prices() -> None:
    assert Providers(EMBEDDING, None).cost(1000, 2_000_000) == 1.0
    assert Providers(None, EXTRACTION).cost(1000, 250_000) == (250_000 + 500_000) * 2e-6 + 250_000 * 8e-6
    assert Providers(EMBEDDING, EXTRACTION).cost(0, 0) == 0.0
