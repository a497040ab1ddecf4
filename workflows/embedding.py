"""Embedding by a provider: one activity for each request, waits that hold no worker, and a cap on what it may cost."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from workflows import contracts
from workflows.contracts import (
    BatchRef,
    EmbedAnswer,
    Embedding,
    EmbedRequest,
    EmbedSlice,
    ImportRef,
    Reason,
    Refused,
    RestRef,
    StepOutcome,
)
from workflows.ledger import Ledger
from workflows.providers import RolledOver, Turns
from workflows.steps import run_request, run_step

REQUESTS_AT_ONCE = 4
"""Of one lane."""
BAD_ANSWERS = 4
"""After which a request is given up, if the provider answered others meanwhile."""
LONE_REFUSALS = 20
"""Of one request, with answers to others between any two."""
_SEE_TO_IT = timedelta(minutes=15)


class RequestFailed(Exception):
    """A request that the provider does not serve, although it serves others."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message)
        self.reason = reason


@dataclass(frozen=True)
class Host:
    """What the import does for its embedding."""

    ref: ImportRef
    max_cost: float | None
    unpaused: Callable[[], Awaitable[None]]
    """Waits while the import is paused, and stops when it is cancelled."""
    show: Callable[[], None]
    waiting_changed: Callable[[], None]
    rolling: Callable[[], bool]


class ProviderEmbedding:
    def __init__(self, embedding: Embedding, ledger: Ledger, host: Host) -> None:
        self._embedding = embedding
        self._ledger = ledger
        self._host = host
        self._turns = Turns(host.waiting_changed, host.rolling)
        self._capped = False
        self._under_way = 0.0
        self._answered = 0

    @property
    def reason(self) -> Reason | None:
        """What is waited for."""
        if not self._capped:
            return self._turns.reason
        allowed = self._ledger.allowed_cost
        message = (
            f"Providers were paid {self._ledger.cost:.4f}, and the next request could take that beyond the "
            f"{allowed:.4f} that this import may cost. Resuming it allows {self._host.max_cost:.4f} more."
        )
        return Reason(code="cost_cap", message=message)

    @property
    def for_operator(self) -> bool:
        return self._capped or self._turns.for_operator

    def resume(self) -> None:
        """Go on, because somebody says that nothing stands in the way any more."""
        if self._capped:
            self._capped = False
            self._ledger.allowed_cost += self._host.max_cost or 0.0
            self._host.waiting_changed()
        self._turns.knock()

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
        todo = deque(slices)

        async def work() -> None:
            while todo:
                await self._host.unpaused()
                if not todo:
                    return
                answer = await self._answer(batch, todo.popleft(), summary)
                todo.extendleft(reversed(answer.smaller))

        workers = [work() for _ in range(min(REQUESTS_AT_ONCE, len(todo)))]
        results = await asyncio.gather(*workers, return_exceptions=True)
        errors = [result for result in results if result is not None]
        # What ends the import or the batch weighs more than what puts it off.
        errors.sort(key=lambda error: isinstance(error, RolledOver))
        if errors:
            raise errors[0]

    async def _answer(self, batch: int | None, slice_: EmbedSlice, summary: str) -> EmbedAnswer:
        """The answer to a request, however long the provider keeps it waiting."""
        bad = lone = 0
        before, seen = self._answered, self._answered
        while True:
            answer = await self._ask(batch, slice_, summary)
            if answer.refused is None and answer.bad is None:
                self._answered += 1
                return answer
            if answer.refused:
                lone += answer.refused.code == "provider_unavailable" and self._answered > seen
                seen = self._answered
                if lone >= LONE_REFUSALS:
                    raise RequestFailed(Reason(code="provider_refused", message=answer.refused.message))
            elif answer.bad:
                bad += 1
                if bad >= BAD_ANSWERS and self._answered > before:
                    raise RequestFailed(Reason(code="provider_refused", message=answer.bad))
                if bad >= BAD_ANSWERS:
                    self._turns.close(_useless(answer.bad))
                    bad, before = 0, self._answered
                else:
                    await asyncio.sleep(2**bad)

    async def _ask(self, batch: int | None, slice_: EmbedSlice, summary: str) -> EmbedAnswer:
        async def send(knock: bool) -> EmbedAnswer:
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

        estimate = slice_.tokens * self._embedding.price_per_million / 1_000_000
        await self._afford(estimate)
        self._under_way += estimate
        try:
            answer = await self._turns.ask(send)
        finally:
            self._under_way -= estimate
        self._ledger.spend(answer.tokens, answer.cost)
        self._host.show()
        return answer

    async def _afford(self, estimate: float) -> None:
        """Wait until a request keeps within what the import may cost, together with those under way."""
        if self._host.max_cost is None or not self._embedding.price_per_million:
            return

        def fits() -> bool:
            return self._ledger.cost + self._under_way + estimate <= self._ledger.allowed_cost

        while not fits():
            if not self._under_way and not self._capped:
                self._capped = True
                self._host.waiting_changed()
            await workflow.wait_condition(
                lambda: fits() or self._host.rolling() or (not self._under_way and not self._capped)
            )
            if self._host.rolling() and not fits():
                raise RolledOver


def _useless(why: str) -> Refused:
    """For a provider that answers, and never anything that could be used."""
    message = f"{why} It stays so, and nothing else was answered. It is asked again every 15 minutes."
    return Refused(code="operator_action", message=message, resume_at=workflow.now() + _SEE_TO_IT, for_operator=True)
