"""Embedding by a provider: one activity for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import contracts
from workflows.contracts import BatchRef, EmbedAnswer, Embedding, EmbedRequest, EmbedSlice, Reason, RestRef, StepOutcome
from workflows.fallbacks import WithFallback
from workflows.ledger import Ledger
from workflows.providers import RolledOver
from workflows.requests import Allowance, Host, RequestFailed
from workflows.steps import explain, run_request, run_step


class ProviderEmbedding:
    def __init__(self, embedding: Embedding, ledger: Ledger, host: Host, allowance: Allowance) -> None:
        self._own = embedding.provider
        self._ledger = ledger
        self._host = host
        self.requests = WithFallback(embedding, ledger, host, allowance)

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

        What cannot be embedded is left as it is, and told.

        Raises:
            RolledOver: as `embed_batch` does.
        """
        while not self._host.rolling():
            ref = RestRef(**self._host.ref.model_dump(), after=self._ledger.rest_after)
            plan = await run_step(contracts.plan_rest, ref, summary="see what of the project has no vector yet")
            if not plan.slices:
                return
            await self._embed(None, plan.slices, "embed the rest of the project", self._leave)
            self._ledger.rest_after = plan.slices[-1].last
        raise RolledOver

    def _leave(self, why: Reason) -> None:
        self._ledger.leave_without_vectors(why.provider or self._own, why.message)

    async def _embed(
        self,
        batch: int | None,
        slices: Sequence[EmbedSlice],
        summary: str,
        leave: Callable[[Reason], None] | None = None,
    ) -> None:
        """
        Args:
            leave: Told why something cannot be embedded; raises if None.
        """

        async def settle(slice_: EmbedSlice) -> Iterable[EmbedSlice]:
            try:
                answer = await self.requests.answer(
                    lambda embedding, knock: self._send(embedding, batch, slice_, summary, knock),
                    lambda embedding: slice_.tokens * embedding.price_per_million / 1_000_000,
                )
            except (ActivityError, RequestFailed) as error:
                if leave is None or is_cancelled_exception(error):
                    raise
                leave(error.reason if isinstance(error, RequestFailed) else explain(error))
                return ()
            return answer.smaller

        await self.requests.work_through(slices, settle)

    async def _send(
        self, embedding: Embedding, batch: int | None, slice_: EmbedSlice, summary: str, knock: bool
    ) -> EmbedAnswer:
        request = EmbedRequest(
            **self._host.ref.model_dump(),
            batch=batch,
            provider=embedding.provider,
            slice=slice_,
            knock=knock,
            instead_of=None if embedding.provider == self._own else self._own,
        )
        return await run_request(
            contracts.embed_request,
            request,
            provider=embedding.provider,
            deadline_s=embedding.deadline_s,
            project=self._host.ref.project,
            summary=summary,
        )
