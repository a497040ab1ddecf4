"""Extraction by a language model: one activity for each passage that it has not been asked about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows import contracts
from workflows.contracts import (
    BatchPassages,
    BatchRef,
    ExtractAnswer,
    Extraction,
    ExtractPassage,
    ExtractRequest,
    Reason,
    RestRef,
    Unanswered,
)
from workflows.fallbacks import WithFallback
from workflows.ledger import Ledger
from workflows.providers import RolledOver
from workflows.requests import Allowance, Host, RequestFailed
from workflows.steps import run_request, run_step


class ProviderExtraction:
    def __init__(self, extraction: Extraction, ledger: Ledger, host: Host, allowance: Allowance) -> None:
        self._own = extraction.provider
        self._ledger = ledger
        self._host = host
        # A passage that a model declines to read, or says too much about, is no other passage's fault.
        self.requests = WithFallback(extraction, ledger, host, allowance, lenient=True)

    async def ask_about_batch(self, batch: BatchRef, summary: str) -> None:
        """Have what no model has been asked about answered.

        Raises:
            RequestFailed: the provider serves others, and not this.
            RolledOver: the rest is for the next run.
        """
        page = BatchPassages(**batch.model_dump())
        while True:
            plan = await run_step(contracts.plan_extraction, page, summary=f"see what to ask to {summary}")
            await self._ask_about(plan.passages, summary)
            if not plan.more:
                return
            page = page.model_copy(update={"after": plan.passages[-1].passage})

    async def ask_about_rest(self) -> bool:
        """The same of what others brought into the project, page by page. Whether there was anything.

        Raises:
            As `ask_about_batch` does.
        """
        some = False
        while not self._host.rolling():
            ref = RestRef(**self._host.ref.model_dump(), after=self._ledger.facts_after)
            plan = await run_step(contracts.plan_extraction_rest, ref, summary="see what of the project is to be asked")
            if not plan.passages:
                return some
            some = True
            await self._ask_about(plan.passages, "extract from the rest of the project")
            self._ledger.facts_after = plan.passages[-1].passage
        raise RolledOver

    async def _ask_about(self, passages: Sequence[ExtractPassage], summary: str) -> None:
        async def settle(passage: ExtractPassage) -> Iterable[ExtractPassage]:
            try:
                await self.requests.answer(
                    lambda extraction, knock: self._send(extraction, passage, summary, knock),
                    lambda extraction: _most(extraction, passage),
                )
            except RequestFailed as failed:
                await self._give_up(passage, failed.reason)
            return ()

        await self.requests.work_through(passages, settle)

    async def _give_up(self, passage: ExtractPassage, why: Reason) -> None:
        provider = why.provider or self._own
        given_up = Unanswered(request=self._request(provider, passage), why=why.message)
        await run_step(contracts.give_up_passage, given_up, summary="keep why a passage has no answer")
        self._ledger.give_up_passage(provider, why.message)

    def _request(self, provider: str, passage: ExtractPassage, knock: bool = False) -> ExtractRequest:
        return ExtractRequest(
            **self._host.ref.model_dump(),
            provider=provider,
            passage=passage.passage,
            knock=knock,
            instead_of=None if provider == self._own else self._own,
        )

    async def _send(self, extraction: Extraction, passage: ExtractPassage, summary: str, knock: bool) -> ExtractAnswer:
        return await run_request(
            contracts.extract_request,
            self._request(extraction.provider, passage, knock),
            provider=extraction.provider,
            deadline_s=extraction.deadline_s,
            project=self._host.ref.project,
            summary=summary,
        )


def _most(extraction: Extraction, passage: ExtractPassage) -> float:
    """What a request could cost."""
    asked = passage.tokens * extraction.price_per_million_in
    answered = extraction.max_answer_tokens * extraction.price_per_million_out
    return (asked + answered) / 1_000_000
