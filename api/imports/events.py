"""Progress of one import: one poll of it, however many watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

import psycopg
import structlog

from api.imports.representation import Representation
from api.imports.schemas import Import
from api.imports.streams import HEARTBEAT_S, frame, heartbeat, opening
from api.imports.waiting import DATABASE_UNAVAILABLE, ORCHESTRATOR_UNAVAILABLE
from api.problems import Problem
from api.reaching import EngineUnavailable
from workflows.contracts import TERMINAL, Reason

_INTERVAL_S = 0.75
"""What is waited for is to be told within a second of the refusal."""
_TOLD_WITHOUT_WORKER = ("state", "reason", "live", "worker_seen_at", "attempt", "last_error", "follow_up")
_log = structlog.get_logger()

Find = Callable[[str, str], Awaitable[Import]]


class Watch:
    """The last that is known of one import. Who is slow misses what was in between, never the newest."""

    def __init__(self, first: Import) -> None:
        self.latest = Representation(first)
        self.version = 0
        self.ended = self.closed()
        self.watchers = 0
        self._changed = asyncio.Event()

    def closed(self) -> bool:
        return self.latest.view.state in TERMINAL

    def tell(self, view: Import) -> None:
        newer = Representation(view)
        if newer.tag == self.latest.tag:
            return
        self.latest = newer
        self.version += 1
        self.ended = self.closed()
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
        self._opening: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @property
    def polls(self) -> int:
        """How many imports are being polled."""
        return len(self._polls)

    @asynccontextmanager
    async def watch(self, project: str, import_id: str) -> AsyncIterator[Watch]:
        """Raises what finding the import raises."""
        key = (project, import_id)
        async with self._opening.setdefault(key, asyncio.Lock()):
            if key not in self._watches:
                self._watches[key] = Watch(await self._find(project, import_id))
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
            last = watch.latest.view
            try:
                watch.tell(forward(last, await self._find(*key)))
            except EngineUnavailable:
                watch.tell(unknown(last, ORCHESTRATOR_UNAVAILABLE))
            except psycopg.OperationalError:
                watch.tell(unknown(last, DATABASE_UNAVAILABLE))
            except Problem:
                watch.end()
            except Exception:
                _log.exception("poll_failed", project=key[0], import_id=key[1])


async def frames(watch: Watch, *, only_snapshot: bool) -> AsyncIterator[bytes]:
    """`snapshot`, then `progress` at each change or `heartbeat` after ten quiet seconds, and `done` at the end."""
    version = watch.version
    first = opening() + _frame("snapshot", watch)
    if only_snapshot:
        yield first
        return
    if watch.closed():
        yield first + _frame("done", watch)
        return
    yield first
    while not watch.ended:
        try:
            await asyncio.wait_for(watch.changed(version), HEARTBEAT_S)
        except TimeoutError:
            yield heartbeat()
            continue
        if watch.version != version and not watch.ended:
            version = watch.version
            yield _frame("progress", watch)
    if watch.closed():
        yield _frame("done", watch)


def _frame(event: str, watch: Watch) -> bytes:
    return frame(event, watch.latest.body, watch.latest.tag)


def forward(before: Import, now: Import) -> Import:
    """Progress never goes back: what the memo and the item rows have may be behind what the workflow had answered."""
    if now.id != before.id or now.live or now.fraction >= before.fraction:
        return now
    return before.model_copy(update={field: getattr(now, field) for field in _TOLD_WITHOUT_WORKER})


def unknown(last: Import, reason: Reason) -> Import:
    return last.model_copy(update={"live": False, "reason": reason})
