"""Finds the text over which a worker dies again and again, and sets it aside, so that the import goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Literal

import structlog
from temporalio import activity

from longshore.graph import suspects
from longshore.graph.db import Pool
from longshore.graph.parts import PartRef
from workflows.contracts import BatchRef

Step = Literal["parse", "extract", "embed"]

_WATCHED_FROM = 2
"""The attempt from which on it is noted that one begins: the first of nearly every step is its only one."""
_TRUSTED = 1
"""Attempts that may be lost after that before each text is taken up alone."""
_TRIES = 2
"""How often a worker may die over a text alone."""
_ASKED_EVERY_S = 0.5

log = structlog.get_logger()


class Trial:
    """Takes up texts one at a time, each noted before and cleared after."""

    def __init__(self, pool: Pool, project: str, step: Step) -> None:
        self._pool = pool
        self._project = project
        self._step = step

    async def take(self, part: PartRef, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work, unless workers have died over it already: then the text is set aside, which `retry` ends."""
        async with self._pool.connection() as connection:
            suspicion = await suspects.suspect(connection, self._project, part.part_id, self._step)
        if suspicion.tries > _TRIES:
            await self._set_aside(part, suspicion)
            return
        try:
            await work()
        finally:
            await asyncio.shield(self._clear(part))

    async def _set_aside(self, part: PartRef, suspicion: suspects.Suspicion) -> None:
        detail = (
            f"{part.label} was set aside: the worker died {_TRIES} times over it alone, at the step {self._step}"
            f"{_last_seen(suspicion.begun_at)}. Its SHA-256 is {part.sha256}. Retry it once it can be handled."
        )
        async with self._pool.connection() as connection:
            where = (connection, self._project, part.part_id, part.sha256)
            await suspects.set_aside(*where, "quarantined", detail)
        log.warning("text set aside", project=self._project, step=self._step, sha256=part.sha256)

    async def _clear(self, part: PartRef) -> None:
        async with self._pool.connection() as connection:
            await suspects.clear(connection, self._project, part.part_id, self._step)


@asynccontextmanager
async def watching(pool: Pool, ref: BatchRef, step: Step) -> AsyncIterator[Trial | None]:
    """Around an attempt at a step. None where it may go about its work as usual.

    That an attempt was lost says nothing about its batch: a deploy loses one, and so does a neighbour that takes the
    worker with it. Where several were, each text is taken up alone, one at a time over all workers, until the one that
    does it has shown itself. So no text is blamed for what another did, and no batch has to be cut into parts.
    """
    if activity.info().attempt < _WATCHED_FROM:
        yield None
        return
    where = (ref.project, ref.import_id, ref.batch, step)
    async with pool.connection() as connection:
        unended = await suspects.count_unended(connection, *where)
    try:
        if unended <= _TRUSTED:
            yield None
        else:
            async with _alone(pool):
                yield Trial(pool, ref.project, step)
    finally:
        await asyncio.shield(_forget(pool, where))


@asynccontextmanager
async def _alone(pool: Pool) -> AsyncIterator[None]:
    """Holds no connection while it waits for its turn."""
    while True:
        async with pool.connection() as connection, suspects.alone(connection) as free:
            if free:
                yield
                return
        await asyncio.sleep(_ASKED_EVERY_S)


async def _forget(pool: Pool, where: tuple[str, str, int, str]) -> None:
    async with pool.connection() as connection:
        await suspects.forget_unended(connection, *where)


def _last_seen(begun_at: datetime) -> str:
    """What the last heartbeat of the attempt before tells."""
    beats = activity.info().heartbeat_details
    memory = beats[0].get("memory_mb") if beats and isinstance(beats[0], dict) else None
    ago = f", the last time begun at {begun_at.astimezone(UTC):%H:%M:%S} UTC"
    return f"{ago}, when it held {memory} MB" if memory else ago
