"""The requests of one import to one provider: several at a time, each answered however long that takes, within what the
import may cost."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from temporalio import workflow

from workflows.contracts import ImportRef, Reason, Refused
from workflows.ledger import Ledger
from workflows.providers import USELESS, Elsewhere, RolledOver, Turns, nowhere
from workflows.window import Window

REQUESTS_AT_ONCE = 4
"""Of one lane, in an import that began before it was told how many are worth having under way."""
BAD_ANSWERS = 4
"""After which a request is given up, if the provider answered others meanwhile."""
LENIENT_ANSWERS = 3
"""The same where answers depend on what is asked: asking again seldom helps, and each is paid."""
LONE_REFUSALS = 20
"""Of one request, with answers to others between any two."""
LENIENCE = 3
"""Requests that may then be given up before the provider has answered any."""


class RequestFailed(Exception):
    """A request that the provider does not serve, although it serves others."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message)
        self.reason = reason


class Answered(Protocol):
    @property
    def tokens(self) -> int: ...

    @property
    def cost(self) -> float: ...

    @property
    def refused(self) -> Refused | None:
        """Nothing was done, and for now nothing will be."""
        ...

    @property
    def bad(self) -> str | None:
        """The provider answered, but nothing that could be used; says why."""
        ...


Answer = TypeVar("Answer", bound=Answered)
Asked = TypeVar("Asked")


@dataclass(frozen=True)
class Host:
    """What the import does for its providers."""

    ref: ImportRef
    max_cost: float | None
    unpaused: Callable[[], Awaitable[None]]
    """Waits while the import is paused, and stops when it is cancelled."""
    show: Callable[[], None]
    waiting_changed: Callable[[], None]
    fell_back: Callable[[], None]
    """A provider is asked in place of another, from now on."""
    rolling: Callable[[], bool]


class Allowance:
    """What an import may cost, whichever of its providers is paid."""

    def __init__(self, ledger: Ledger, host: Host) -> None:
        self._ledger = ledger
        self._host = host
        self._under_way: list[float] = []
        """What each request that has no answer yet could cost."""

    @property
    def reason(self) -> Reason | None:
        """Why it waits."""
        if not self._ledger.used_up:
            return None
        allowed = self._ledger.allowed_cost
        message = (
            f"Providers were paid {self._ledger.cost:.4f}, and the next request could take that beyond the "
            f"{allowed:.4f} that this import may cost. Resuming it allows {self._host.max_cost:.4f} more."
        )
        return Reason(code="cost_cap", message=message)

    def extend(self) -> None:
        """Allow as much again, if nothing is left."""
        if self._ledger.used_up:
            self._ledger.used_up = False
            self._ledger.allowed_cost += self._host.max_cost or 0.0
            self._host.waiting_changed()

    async def take(self, estimate: float) -> None:
        """Wait until a request keeps within it, together with those under way, and count it as one of them.

        Raises:
            RolledOver: the import does not come to it in this run.
        """
        if self._host.max_cost is not None and estimate:
            await self._affordable(estimate)
        self._under_way.append(estimate)

    def give_back(self, estimate: float) -> None:
        """The request is no longer under way; what it took is in the ledger."""
        self._under_way.remove(estimate)

    async def _affordable(self, estimate: float) -> None:
        def fits() -> bool:
            return self._ledger.cost + sum(self._under_way) + estimate <= self._ledger.allowed_cost

        while not fits():
            if not self._under_way and not self._ledger.used_up:
                self._ledger.used_up = True
                self._host.waiting_changed()
            await workflow.wait_condition(
                lambda: fits() or self._host.rolling() or (not self._under_way and not self._ledger.used_up)
            )
            if self._host.rolling() and not fits():
                raise RolledOver


class Requests:
    def __init__(
        self, provider: str, ledger: Ledger, host: Host, allowance: Allowance, *, lenient: bool = False
    ) -> None:
        """
        Args:
            lenient: A request whose answers cannot be used says nothing of the others.
        """
        self._ledger = ledger
        self._host = host
        self._allowance = allowance
        self._lenient = lenient
        self._patience = LENIENT_ANSWERS if lenient else BAD_ANSWERS
        self._provider = provider
        self.turns = Turns(ledger.refused.get(provider), self._waits, host.rolling)
        self._answered = 0
        self._given_up = 0
        at_once = ledger.requests_at_once(provider)
        self._window = Window(at_once) if at_once else None

    @property
    def reason(self) -> Reason | None:
        """What is waited for."""
        return self.turns.reason

    def _waits(self, refused: Refused | None) -> None:
        if refused:
            self._ledger.refused[self._provider] = refused
        else:
            self._ledger.refused.pop(self._provider, None)
            self._ledger.end_fallback(self._provider)
        self._host.waiting_changed()

    def knock(self) -> None:
        """Ask now, because somebody says that nothing stands in the way any more."""
        self.turns.knock()

    async def work_through(self, todo: Iterable[Asked], settle: Callable[[Asked], Awaitable[Iterable[Asked]]]) -> None:
        """Settle requests, in order, several at a time.

        Args:
            settle: Asks with `answer`, and gives what to ask instead.

        Raises:
            RequestFailed: as `settle` does.
            RolledOver: the rest is for the next run.
        """
        left = deque(todo)
        window = self._window or Window(REQUESTS_AT_ONCE)
        rank = window.begin()

        async def work() -> None:
            while left:
                async with window.place(rank):
                    await self._host.unpaused()
                    if not left:
                        return
                    if workflow.info().is_continue_as_new_suggested() and workflow.patched(
                        "roll-over-between-requests"
                    ):
                        self._host.rolling()
                        raise RolledOver
                    left.extendleft(reversed(list(await settle(left.popleft()))))

        workers = [work() for _ in range(min(window.places, len(left)))]
        results = await asyncio.gather(*workers, return_exceptions=True)
        errors = [result for result in results if result is not None]
        # What ends the import or the batch weighs more than what puts it off.
        errors.sort(key=lambda error: isinstance(error, RolledOver))
        if errors:
            raise errors[0]

    async def answer(
        self, send: Callable[[bool], Awaitable[Answer]], estimate: float, elsewhere: Callable[[], bool] = nowhere
    ) -> Answer:
        """The answer to a request, however long the provider keeps it waiting.

        Args:
            send: Makes the request; is told whether to knock at a gate that is still closed.
            estimate: What it could cost.
            elsewhere: Whether to ask another rather than to wait.

        Raises:
            Elsewhere: the other is to be asked.
            RequestFailed: the provider does not serve this one.
            RolledOver: it is for the next run.
        """
        bad = lone = 0
        before, seen = self._answered, self._answered
        while True:
            if elsewhere():
                raise Elsewhere
            answer = await self._ask(send, estimate, elsewhere)
            if answer.refused is None and answer.bad is None:
                self._answered += 1
                return answer
            if answer.refused:
                lone += answer.refused.code == "provider_unavailable" and self._answered > seen
                seen = self._answered
                if lone >= LONE_REFUSALS:
                    raise self._failed(answer.refused.message)
            elif answer.bad:
                bad += 1
                if bad >= self._patience and self._is_alone(before):
                    self._given_up += 1
                    raise self._failed(answer.bad)
                if bad >= self._patience:
                    self.turns.close(_useless(answer.bad))
                    bad, before = 0, self._answered
                else:
                    await asyncio.sleep(2**bad)

    def _failed(self, why: str) -> RequestFailed:
        return RequestFailed(Reason(code="provider_refused", message=why, provider=self._provider))

    def _is_alone(self, before: int) -> bool:
        """Whether only this request is answered badly, as far as that is known."""
        if self._lenient:
            return self._answered > 0 or self._given_up < LENIENCE
        return self._answered > before

    async def _ask(
        self, send: Callable[[bool], Awaitable[Answer]], estimate: float, elsewhere: Callable[[], bool]
    ) -> Answer:
        await self._allowance.take(estimate)
        try:
            answer = await self.turns.ask(send, elsewhere)
        finally:
            self._allowance.give_back(estimate)
        self._ledger.spend(answer.tokens, answer.cost)
        self._host.show()
        return answer


def _useless(why: str) -> Refused:
    """For a provider that answers, and never anything that could be used."""
    message = f"{why} It stays so, and nothing else was answered. It is asked again every 15 minutes."
    again = workflow.now() + USELESS
    return Refused(
        code="operator_action", message=message, resume_at=again, for_operator=True, lasting=True, until_useful=True
    )
