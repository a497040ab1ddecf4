"""Embedding by a provider: one activity for each request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows import contracts
from workflows.contracts import BatchRef, EmbedAnswer, Embedding, EmbedRequest, EmbedSlice, RestRef, StepOutcome
from workflows.ledger import Ledger
from workflows.providers import RolledOver
from workflows.requests import Allowance, Host, Requests
from workflows.steps import run_request, run_step


class ProviderEmbedding:
    def __init__(self, embedding: Embedding, ledger: Ledger, host: Host, allowance: Allowance) -> None:
        self._embedding = embedding
        self._ledger = ledger
        self._host = host
        self.requests = Requests(embedding.provider, ledger, host, allowance)

    async def embed_batch(self, batch: BatchRef, summary: str) -> StepOutcome:
        """Embed what has no vector yet.

        Raises:
            RequestFailed: a part of it cannot be embedded.
            RolledOver: the rest is for the next run.
        """
        plan = await run_step(contracts.plan_embedding, batch, summary=f"deal {summary} into requests")
        await self._embed(batch.batch, plan.slices, summary)
        return StepOutcome(items=plan.items)

    async def embed_rest(self) -> None:
        """Embed what others brought into the project, page by page.

        Raises:
            As `embed_batch` does.
        """
        while not self._host.rolling():
            ref = RestRef(**self._host.ref.model_dump(), after=self._ledger.rest_after)
            plan = await run_step(contracts.plan_rest, ref, summary="see what of the project has no vector yet")
            if not plan.slices:
                return
            await self._embed(None, plan.slices, "embed the rest of the project")
            self._ledger.rest_after = plan.slices[-1].last
        raise RolledOver

    async def _embed(self, batch: int | None, slices: Sequence[EmbedSlice], summary: str) -> None:
        async def settle(slice_: EmbedSlice) -> Iterable[EmbedSlice]:
            estimate = slice_.tokens * self._embedding.price_per_million / 1_000_000
            answer = await self.requests.answer(lambda knock: self._send(batch, slice_, summary, knock), estimate)
            return answer.smaller

        await self.requests.work_through(slices, settle)

    async def _send(self, batch: int | None, slice_: EmbedSlice, summary: str, knock: bool) -> EmbedAnswer:
        request = EmbedRequest(
            **self._host.ref.model_dump(),
            batch=batch,
            provider=self._embedding.provider,
            slice=slice_,
            knock=knock,
        )
        return await run_request(
            contracts.embed_request,
            request,
            provider=self._embedding.provider,
            deadline_s=self._embedding.deadline_s,
            project=self._host.ref.project,
            summary=summary,
        )
