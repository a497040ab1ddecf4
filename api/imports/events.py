"""Progress as server-sent events: one poll of an import, however many watch it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import psycopg
import structlog
from fastapi.sse import ServerSentEvent

from api.engine import EngineUnavailable
from api.imports.schemas import Heartbeat, Import
from api.imports.waiting import DATABASE_UNAVAILABLE, ORCHESTRATOR_UNAVAILABLE
from api.problems import Problem
from workflows.contracts import TERMINAL, Reason

HEARTBEAT_S = 10.0
_INTERVAL_S = 1.0
_RECONNECT_MS = 2000
_log = structlog.get_logger()

Find = Callable[[str, str], Awaitable[Import]]


class Watch:
    """The last that is known of one import. Who is slow misses what was in between, never the newest."""

    def __init__(self, first: Import) -> None:
        self.latest = first
        self.version = 0
        self.ended = first.state in TERMINAL
        self.watchers = 0
        self._changed = asyncio.Event()

    def tell(self, view: Import) -> None:
        if view == self.latest:
            return
        self.latest = view
        self.version += 1
        self.ended = view.state in TERMINAL
        self._wake()

    def end(self) -> None:
        self.ended = True
        self._wake()

    async def changed(self, since: int) -> None:
        """Wait until there is something newer than version `since`, or the end."""
        if self.version == since and not self.ended:
            await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Hub:
    """Shares one watch between all who look at an import."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._watches: dict[tuple[str, str], Watch] = {}
        self._polls: dict[tuple[str, str], asyncio.Task[None]] = {}

    @asynccontextmanager
    async def watch(self, project: str, import_id: str) -> AsyncIterator[Watch]:
        """Raises what finding the import raises."""
        key = (project, import_id)
        if key not in self._watches:
            first = await self._find(project, import_id)
            if key not in self._watches:
                self._watches[key] = Watch(first)
                self._polls[key] = asyncio.create_task(self._poll(key, self._watches[key]))
        watch = self._watches[key]
        watch.watchers += 1
        try:
            yield watch
        finally:
            watch.watchers -= 1
            if not watch.watchers and self._watches.get(key) is watch:
                del self._watches[key]
                self._polls.pop(key).cancel()

    def close(self) -> None:
        """Let every stream end, so that a server that stops need not wait for its watchers."""
        for watch in self._watches.values():
            watch.end()

    async def _poll(self, key: tuple[str, str], watch: Watch) -> None:
        while not watch.ended:
            await asyncio.sleep(_INTERVAL_S)
            try:
                watch.tell(_forward(watch.latest, await self._find(*key)))
            except EngineUnavailable:
                watch.tell(_unknown(watch.latest, ORCHESTRATOR_UNAVAILABLE))
            except psycopg.OperationalError:
                watch.tell(_unknown(watch.latest, DATABASE_UNAVAILABLE))
            except Problem:
                watch.end()
            except Exception:
                _log.exception("poll_failed", project=key[0], import_id=key[1])


async def frames(watch: Watch) -> AsyncIterator[ServerSentEvent]:
    """`snapshot`, then `progress` at each change or `heartbeat` after ten quiet seconds, and `done` at the end."""
    version = watch.version
    yield ServerSentEvent(event="snapshot", id=str(version), data=watch.latest, retry=_RECONNECT_MS)
    while not watch.ended:
        try:
            await asyncio.wait_for(watch.changed(version), HEARTBEAT_S)
        except TimeoutError:
            yield ServerSentEvent(event="heartbeat", data=Heartbeat(server_time=datetime.now(UTC)))
            continue
        if watch.version != version and not watch.ended:
            version = watch.version
            yield ServerSentEvent(event="progress", id=str(version), data=watch.latest)
    if watch.latest.state in TERMINAL:
        yield ServerSentEvent(event="done", id=str(watch.version), data=watch.latest)


def _forward(before: Import, now: Import) -> Import:
    """Progress never goes back: a snapshot or the item rows may be behind what the workflow had answered."""
    if now.id != before.id or now.live or now.fraction >= before.fraction:
        return now
    return now.model_copy(update={"fraction": before.fraction})


def _unknown(last: Import, reason: Reason) -> Import:
    return last.model_copy(update={"live": False, "reason": reason})
