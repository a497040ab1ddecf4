"""Passing a provider's gate: a call is made only when it may be, and what it is told holds for all workers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from longshore.graph.db import Pool
from longshore.providers import gates
from longshore.providers.gates import Call, Entered, Wait
from longshore.providers.refusals import ProviderRefusal
from longshore.providers.settings import Provider
from workflows.contracts import Refused

Answer = TypeVar("Answer")

SHORT_WAIT_S = 5.0
"""Up to which a wait is a retry of the engine's; a longer one is the workflow's, which shows it."""
SHORT_WAITS = 3
"""After so many in a row the workflow is told, so that a provider that is always back in a second cannot hide."""

log = structlog.get_logger()


class Gatekeeper:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ask(
        self, provider: Provider, call: Call, send: Callable[[], Awaitable[Answer]], *, knock: bool = False
    ) -> Answer | Refused:
        """Make a call if the gate lets it through, and take note of whether the provider served it.

        The call's tokens count as used, as they are estimated, until the caller settles them; not if it was refused.

        Raises:
            ApplicationError: with the time of the next attempt, for a short wait.
            ProviderRefusal: the provider is there and refuses this request: `too_large` or `bad_answer`.
        """
        async with self._pool.connection() as connection:
            entered = await gates.enter(connection, provider, call, knock=knock)
        if isinstance(entered, Wait):
            return _turned_away(provider, entered)
        try:
            answer = await send()
        except ProviderRefusal as refused:
            wait = await self._take_note(provider, call, entered, refused)
            if wait is None:
                raise
            log.warning("gate closed", provider=provider.id, code=wait.code, until=wait.until.isoformat())
            return _turned_away(provider, wait)
        except BaseException:  # cancelled, perhaps
            await asyncio.shield(self._give_back(provider, entered))
            raise
        async with self._pool.connection() as connection:
            await gates.open_(connection, provider.id, entered)
        return answer

    async def _give_back(self, provider: Provider, entered: Entered) -> None:
        if entered.lease:
            async with self._pool.connection() as connection:
                await gates.give_back(connection, provider.id, entered)

    async def _take_note(
        self, provider: Provider, call: Call, entered: Entered, refused: ProviderRefusal
    ) -> Wait | None:
        """What is to be waited for; None if the provider is there, and refuses this request alone."""
        async with self._pool.connection() as connection:
            # What is answered late or badly was worked for all the same.
            if refused.reason not in ("timeout", "bad_answer"):
                await gates.forget(connection, provider.id, call)
            if refused.passes or refused.for_operator:
                return await gates.close(connection, provider, entered, refused)
            await gates.open_(connection, provider.id, entered)
            return None


def _turned_away(provider: Provider, wait: Wait) -> Refused:
    if wait.delay_s <= SHORT_WAIT_S and not wait.for_operator and activity.info().attempt <= SHORT_WAITS:
        raise ApplicationError(
            wait.message,
            type=wait.code,
            next_retry_delay=timedelta(seconds=wait.delay_s),
            category=ApplicationErrorCategory.BENIGN,
        )
    return Refused(
        code=wait.code,
        message=wait.message,
        resume_at=wait.until,
        for_operator=wait.for_operator,
        lasting=wait.lasting,
        provider=provider.id,
    )
