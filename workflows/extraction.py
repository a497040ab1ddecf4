"""Extraction by a language model: one activity for each passage that it has not been asked about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows import contracts
from workflows.contracts import (
    BatchRef,
    ExtractAnswer,
    Extraction,
    ExtractPassage,
    ExtractRequest,
    RestRef,
    Unanswered,
)
from workflows.ledger import Ledger
from workflows.providers import RolledOver
from workflows.requests import Allowance, Host, RequestFailed, Requests
from workflows.steps import run_request, run_step


class ProviderExtraction:
    def __init__(self, extraction: Extraction, ledger: Ledger, host: Host, allowance: Allowance) -> None:
        self._extraction = extraction
        self._ledger = ledger
        self._host = host
        # A passage that a model declines to read, or says too much about, is no other passage's fault.
        self.requests = Requests(extraction.provider, ledger, host, allowance, lenient=True)

    async def ask_about_batch(self, batch: BatchRef, summary: str) -> None:
        """Have what no model has been asked about answered.

        Raises:
            RequestFailed: the provider serves others, and not this.
            RolledOver: the rest is for the next run.
        """
        plan = await run_step(contracts.plan_extraction, batch, summary=f"see what to ask to {summary}")
        await self._ask_about(plan.passages, summary)

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
                await self.requests.answer(lambda knock: self._send(passage, summary, knock), self._most(passage))
            except RequestFailed as failed:
                given_up = Unanswered(request=self._request(passage), why=failed.reason.message)
                await run_step(contracts.give_up_passage, given_up, summary="keep why a passage has no answer")
            return ()

        await self.requests.work_through(passages, settle)

    def _most(self, passage: ExtractPassage) -> float:
        """What a request could cost."""
        asked = passage.tokens * self._extraction.price_per_million_in
        answered = self._extraction.max_answer_tokens * self._extraction.price_per_million_out
        return (asked + answered) / 1_000_000

    def _request(self, passage: ExtractPassage, knock: bool = False) -> ExtractRequest:
        return ExtractRequest(
            **self._host.ref.model_dump(), provider=self._extraction.provider, passage=passage.passage, knock=knock
        )

    async def _send(self, passage: ExtractPassage, summary: str, knock: bool) -> ExtractAnswer:
        return await run_request(
            contracts.extract_request,
            self._request(passage, knock),
            provider=self._extraction.provider,
            deadline_s=self._extraction.deadline_s,
            project=self._host.ref.project,
            summary=summary,
        )
