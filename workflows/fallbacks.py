"""A provider and the one that is named as its fallback: which of the two is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, Protocol, Self, TypeVar

from workflows.contracts import Reason
from workflows.ledger import Ledger
from workflows.providers import Elsewhere, nowhere
from workflows.requests import Allowance, Answered, Host, Requests


class Named(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def fallback(self) -> Self | None: ...


class FromEither(Answered, Protocol):
    @property
    def passages(self) -> int:
        """That count as answered by the fallback, if it was asked."""
        ...


Settings = TypeVar("Settings", bound=Named)
Answer = TypeVar("Answer", bound=FromEither)
Asked = TypeVar("Asked")


class WithFallback(Generic[Settings]):
    """Asks a provider, and its fallback while the provider is away and will not be back soon.

    What passes soon is waited for. While the provider is away, one request at a time still finds out whether it is
    back, when its time has come; all others go to the fallback.
    """

    def __init__(
        self, settings: Settings, ledger: Ledger, host: Host, allowance: Allowance, *, lenient: bool = False
    ) -> None:
        """
        Args:
            lenient: As `Requests` takes it.
        """
        self._settings = settings
        self._ledger = ledger
        self._host = host
        self._own = Requests(settings.provider, ledger, host, allowance, lenient=lenient)
        self._fallback: Requests | None = None
        if settings.fallback:
            self._fallback = Requests(settings.fallback.provider, ledger, host, allowance, lenient=lenient)

    @property
    def reason(self) -> Reason | None:
        """What is waited for; nothing while the fallback does the work."""
        own = self._own.reason
        refused = self._own.turns.refused
        if self._fallback is None or own is None or refused is None or not refused.lasting:
            return own
        other = self._fallback.reason
        if other is None:
            return None
        return _sooner(own, other).model_copy(update={"message": f"{own.message} Its fallback: {other.message}"})

    def knock(self) -> None:
        """Ask now, because somebody says that nothing stands in the way any more."""
        self._own.knock()
        if self._fallback:
            self._fallback.knock()

    async def work_through(self, todo: Iterable[Asked], settle: Callable[[Asked], Awaitable[Iterable[Asked]]]) -> None:
        """As `Requests` does."""
        await self._own.work_through(todo, settle)

    async def answer(
        self, send: Callable[[Settings, bool], Awaitable[Answer]], estimate: Callable[[Settings], float]
    ) -> Answer:
        """The answer of the one or the other, however long that takes.

        Args:
            send: Makes the request to a provider; is told whether to knock at a gate that is still closed.
            estimate: What it could cost there.

        Raises:
            RequestFailed: the provider that its reason names does not serve this one.
            RolledOver: it is for the next run.
        """
        own, other = self._settings, self._settings.fallback
        fallback = self._fallback
        if other is None or fallback is None:
            return await self._own.answer(lambda knock: send(own, knock), estimate(own), nowhere)
        while True:
            try:
                return await self._own.answer(lambda knock: send(own, knock), estimate(own), self._is_for_the_fallback)
            except Elsewhere:
                self._note(own.provider, other.provider)
            try:
                answer = await fallback.answer(
                    lambda knock: send(other, knock), estimate(other), lambda: not self._own.turns.is_away
                )
            except Elsewhere:
                continue
            self._ledger.count_fallback(own.provider, answer.passages)
            self._host.show()
            return answer

    def _is_for_the_fallback(self) -> bool:
        return self._own.turns.is_away and self._fallback is not None and self._fallback.turns.may_be_asked

    def _note(self, own: str, other: str) -> None:
        """Nobody falls back silently."""
        refused = self._own.turns.refused
        if refused and self._ledger.fall_back(own, other, refused):
            self._host.fell_back()


def _sooner(own: Reason, other: Reason) -> Reason:
    """Of two waits, the one that ends by itself first; the provider's own if neither does."""
    if other.resume_at and (own.resume_at is None or other.resume_at < own.resume_at):
        return other
    return own
