"""What one import asks of providers: its requests for vectors and for answers, under one allowance."""

from __future__ import annotations

from workflows.contracts import Reason
from workflows.embedding import ProviderEmbedding
from workflows.extraction import ProviderExtraction
from workflows.ledger import Ledger
from workflows.requests import Allowance, Host


class Asking:
    """`embedding` and `extraction` are None where that is done on the workers' own machines."""

    def __init__(self, ledger: Ledger, host: Host) -> None:
        self._allowance = Allowance(ledger, host)
        self.embedding: ProviderEmbedding | None = None
        self.extraction: ProviderExtraction | None = None
        if ledger.embedding:
            self.embedding = ProviderEmbedding(ledger.embedding, ledger, host, self._allowance)
        if ledger.extraction:
            self.extraction = ProviderExtraction(ledger.extraction, ledger, host, self._allowance)

    @property
    def reason(self) -> Reason | None:
        """Why a provider keeps the import waiting."""
        parts = (self._allowance, *(provider.requests for provider in self._used()))
        return next((part.reason for part in parts if part.reason), None)

    def again(self) -> None:
        """Ask at once, for somebody says that it is worth while, and allow as much cost once more."""
        self._allowance.extend()
        for provider in self._used():
            provider.requests.knock()

    def _used(self) -> tuple[ProviderEmbedding | ProviderExtraction, ...]:
        return tuple(provider for provider in (self.embedding, self.extraction) if provider)
