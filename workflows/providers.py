"""A provider as one import sees it: whether it may be asked now, and what is waited for if not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol, TypeVar

from temporalio import workflow

from workflows.contracts import Reason, Refused


class Answered(Protocol):
    @property
    def refused(self) -> Refused | None: ...

    @property
    def bad(self) -> str | None: ...


Answer = TypeVar("Answer", bound=Answered)


USELESS = timedelta(minutes=15)
"""Between two requests to a provider whose answers cannot be used."""


class RolledOver(Exception):
    """The history is to be rolled over, and the provider may be away for long: take this up again after that."""


class Elsewhere(Exception):
    """The provider will not be back soon, and another one may be asked: ask that one."""


def nowhere() -> bool:
    """Where there is no other to ask."""
    return False


class Turns:
    """Sees to it that a provider that refused is asked by one request at a time, until it has answered one.

    A wait costs a timer and a request every time, and no worker: a provider may be away for weeks. Should the history
    become too long for another wait, it is rolled over with the wait in it.
    """

    def __init__(
        self, refused: Refused | None, changed: Callable[[Refused | None], None], rolling: Callable[[], bool]
    ) -> None:
        """
        Args:
            refused: What was waited for when the history was rolled over.
            changed: Called when the wait has begun, changed or ended.
            rolling: Whether the history is to be rolled over.
        """
        self._changed = changed
        self._rolling = rolling
        self._refused: Refused | None = None
        self._closings = 0
        self._due = False
        self._knock = False
        self._waiting: list[object] = []
        if refused:
            self._wait(refused)

    @property
    def reason(self) -> Reason | None:
        """What is waited for."""
        if self._refused is None:
            return None
        until = None if self._refused.for_operator else self._refused.resume_at
        return Reason(
            code=self._refused.code, message=self._refused.message, resume_at=until, provider=self._refused.provider
        )

    @property
    def for_operator(self) -> bool:
        return self._refused is not None and self._refused.for_operator

    @property
    def refused(self) -> Refused | None:
        return self._refused

    @property
    def is_away(self) -> bool:
        """Whether the provider will not be back soon, and it is not yet time to find out."""
        return self._refused is not None and self._refused.lasting and not self._due

    @property
    def may_be_asked(self) -> bool:
        return self._refused is None or self._due

    async def ask(self, send: Callable[[bool], Awaitable[Answer]], elsewhere: Callable[[], bool] = nowhere) -> Answer:
        """Send a request when its turn has come, and take note of whether the provider is there.

        Args:
            send: Is told whether to knock at a gate that is still closed.
            elsewhere: Whether to ask another rather than to wait.

        Raises:
            Elsewhere: nothing was sent.
            RolledOver: the turn will not come in this run.
        """
        probing, knock = await self._turn(elsewhere)
        closings = self._closings
        try:
            answer = await send(knock)
        except BaseException:
            self._due = self._due or (probing and closings == self._closings)
            raise
        if answer.refused:
            if self._refused is None or probing or answer.refused.resume_at > self._refused.resume_at:
                self.close(answer.refused)
        elif closings == self._closings:  # an answer from before it closed says nothing
            if probing and answer.bad and self._refused and self._refused.until_useful:
                self.close(self._refused.model_copy(update={"resume_at": workflow.now() + USELESS}))
            else:
                self._open()
        return answer

    def close(self, refused: Refused) -> None:
        """Ask nothing until then."""
        self._wait(refused)
        self._changed(refused)

    def knock(self) -> None:
        """Ask now, because somebody says so."""
        if self._refused is not None:
            self._due, self._knock = True, True

    def _is_open(self) -> bool:
        return self._refused is None

    def _open(self) -> None:
        if self._refused is not None:
            self._refused, self._due, self._knock = None, False, False
            self._closings += 1
            self._changed(None)

    def _wait(self, refused: Refused) -> None:
        self._refused, self._due, self._knock = refused, False, False
        self._closings += 1
        asyncio.ensure_future(self._count_down(self._closings, refused))  # noqa: RUF006

    async def _count_down(self, closing: int, refused: Refused) -> None:
        left = max(refused.resume_at - workflow.now(), timedelta(seconds=1))
        try:
            await workflow.wait_condition(lambda: self._closings != closing or self._due, timeout=left)
        except TimeoutError:
            self._due = True

    async def _turn(self, elsewhere: Callable[[], bool]) -> tuple[bool, bool]:
        """Whether this request is the one that finds out, and whether it is to knock."""
        if self._is_open():
            return False, False
        ticket = object()
        self._waiting.append(ticket)
        try:
            await workflow.wait_condition(
                lambda: self._is_open() or self._rolling() or self._is_due(ticket) or elsewhere()
            )
            leaves = not self._is_due(ticket) and elsewhere()
        finally:
            self._waiting.remove(ticket)
        if self._is_open():
            return False, False
        if self._rolling():
            raise RolledOver
        if leaves:
            raise Elsewhere
        knock, self._due, self._knock = self._knock, False, False
        return True, knock

    def _is_due(self, ticket: object) -> bool:
        return self._due and self._waiting[0] is ticket
