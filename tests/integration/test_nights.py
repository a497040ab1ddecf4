"""The nights on which providers ended the imports of the systems that this one replaces, and what is left of them here.

Beside those of this file: `test_refusals.py` has embeddings that fail at 86 % and the token limit that one long chunk
exceeds, `tests/workflows/test_providers.py` the quota of a day that is used up until midnight.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import Rule, Script
from tests.integration.pier import Pier, bibliography, models_of, providers_of

ITEMS = 12
GROQ = {
    "error": {
        "message": "Rate limit reached for model `reader` on tokens per minute (TPM): Limit 12000, Used 11873, "
        "Requested 1580. Please try again in 700ms. Need more tokens? Upgrade to Dev Tier today.",
        "type": "tokens",
        "code": "rate_limit_exceeded",
    }
}
"""Which sounds of money and is not: it passes."""


async def test_groqs_429s_cost_a_moment_each_and_no_passage(pier: Pier, fake: FakeProvider, tmp_path: Path) -> None:
    headers = {"retry-after": "1", "x-ratelimit-remaining-tokens": "127", "x-ratelimit-reset-tokens": "700ms"}
    refused = [Rule(first=call, last=call + 1, do="refuse", status=429, headers=headers, body=GROQ) for call in (3, 8)]
    fake.follow(Script(rules=tuple(refused)))
    async with pier.workers(models_of(fake), count=2):
        record = await pier.run(bibliography(tmp_path / "library.bib", ITEMS), extractor="fake")
    assert (record.state, record.items.added, record.items.failed) == ("succeeded", ITEMS, 0)
    answered = [call for call in fake.calls if call.status == 200]
    assert len({call.texts for call in answered}) == len(answered) >= ITEMS, "each passage is answered, and once"
    closed_at = [call.at + call.seconds for call in fake.calls if call.status == 429]
    assert not [call for call in fake.calls if call.early and call.at > min(closed_at) + 0.5]


@pytest.mark.thorough
async def test_provider_that_took_a_quarter_of_a_second_then_31_and_then_refused_holds_nobody_else_up(
    pier: Pier, fake: FakeProvider, tmp_path: Path
) -> None:
    """Ten times as fast. There, all connections of the pool waited for it, and its message at the end was empty."""
    library = bibliography(tmp_path / "library.bib", 64)
    fake.follow(
        Script(
            rules=(
                Rule(first=1, last=2, delay_s=0.025),
                Rule(first=3, last=5, delay_s=3.1),
                Rule(first=6, last=8, do="refuse", status=503, body=""),
            )
        )
    )
    elsewhere = replace(pier, project=f"{pier.project}-elsewhere")
    async with pier.workers(providers_of(fake, deadline_s=3)):
        handle = await pier.submit(library, embedder="fake")
        waiting = await pier.until(handle, lambda progress: progress.state == "waiting")
        assert waiting.reason
        assert waiting.reason.code == "provider_unavailable"
        assert waiting.reason.message
        other = await elsewhere.run(bibliography(tmp_path / "other.bib", 10, first=100))
        assert (other.state, other.items.added) == ("succeeded", 10)
        record = await pier.finish(handle)
    assert (record.state, record.items.added, record.items.failed) == ("succeeded", 64, 0)
    assert sum(call.items for call in fake.calls if call.status == 200) >= record.progress.chunks
