"""The list of imports as it changes: one look at the engine a second, however many watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

import psycopg
import structlog

from api.imports.events import forward, unknown
from api.imports.listing import Choice, Listing
from api.imports.representation import Representation
from api.imports.schemas import Import
from api.imports.status import Imports
from api.imports.streams import HEARTBEAT_S, frame, heartbeat, opening
from api.imports.waiting import DATABASE_UNAVAILABLE, ORCHESTRATOR_UNAVAILABLE
from api.problems import Problem
from api.reaching import EngineUnavailable
from workflows.contracts import TERMINAL

_INTERVAL_S = 1.0
_SNAPSHOT_SIZE = 100
_REMEMBERED = 1000
_log = structlog.get_logger()

Key = tuple[str, str]


@dataclass(frozen=True)
class Notice:
    """What is known of an import since a version of the board."""

    version: int
    shown: Representation


class Board:
    """What has changed since when. Nothing is queued for a watcher: each reads what is newer than what it has."""

    def __init__(self, listing: Listing, imports: Imports) -> None:
        self.version = 0
        self.ended = False
        self._listing = listing
        self._imports = imports
        self._notices: dict[Key, Notice] = {}
        self._reset_at = 0
        """Who has seen less than this version needs a snapshot: something has gone, or was forgotten here."""
        self._projects: frozenset[str] = frozenset()
        self._watchers = 0
        self._poll: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._snapshots: dict[frozenset[str] | None, tuple[int, bytes]] = {}
        self._reading: WeakValueDictionary[frozenset[str] | None, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[None]:
        self._watchers += 1
        if self._poll is None:
            self._poll = asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers and self._poll is not None:
                self._poll.cancel()
                self._poll = None
                self._snapshots.clear()

    async def snapshot(self, projects: frozenset[str] | None) -> tuple[int, bytes]:
        """A version, and the first page of the list as it was then or is since; shared by all who come meanwhile."""
        async with self._reading.setdefault(projects, asyncio.Lock()):
            known = self._snapshots.get(projects)
            if known is None or known[0] != self.version:
                version = self.version
                page = await self._listing.page(Choice(projects), _SNAPSHOT_SIZE, None)
                known = version, frame("snapshot", page.model_dump_json().encode())
                if self._poll is not None:
                    self._snapshots[projects] = known
            return known

    async def news(self, since: int, projects: frozenset[str] | None) -> tuple[int, list[bytes]]:
        """A version, and the frames that lead to it from an earlier one."""
        if since < self._reset_at:
            version, snapshot = await self.snapshot(projects)
            return version, [snapshot]
        newer = [
            notice.shown
            for notice in self._notices.values()
            if notice.version > since and (projects is None or notice.shown.view.project in projects)
        ]
        return self.version, [frame("import", shown.body) for shown in newer]

    async def changed(self, since: int) -> None:
        if self.version == since and not self.ended:
            await self._changed.wait()

    def close(self) -> None:
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _keep_looking(self) -> None:
        while not self.ended:
            try:
                await self._look()
            except psycopg.OperationalError:
                open_ = [view for view in self._views() if view.state not in TERMINAL]
                self._tell([unknown(view, DATABASE_UNAVAILABLE) for view in open_])
            except Exception:
                _log.exception("poll_failed")
            await asyncio.sleep(_INTERVAL_S)

    async def _look(self) -> None:
        await self._forget_deleted()
        found = [*await self._listing.just_closed(), *await self._listing.under_way(None)]
        seen = {(view.project, view.id) for view in found}
        gone = [view for view in self._views() if view.state not in TERMINAL and (view.project, view.id) not in seen]
        for view in gone:
            try:
                found.append(await self._imports.find(view.project, view.id))
            except EngineUnavailable:
                found.append(unknown(view, ORCHESTRATOR_UNAVAILABLE))
            except Problem:
                del self._notices[view.project, view.id]
                self._reset_at = self.version + 1
        self._tell(found)

    async def _forget_deleted(self) -> None:
        projects = await self._listing.projects()
        for key in [key for key in self._notices if key[0] in self._projects - projects]:
            del self._notices[key]
        if self._projects - projects:
            self._reset_at = self.version + 1
        self._projects = projects

    def _views(self) -> list[Import]:
        return [notice.shown.view for notice in self._notices.values()]

    def _tell(self, found: list[Import]) -> None:
        version = self.version + 1
        changed = self._reset_at == version
        for view in found:
            key = (view.project, view.id)
            before = self._notices.get(key)
            shown = Representation(forward(before.shown.view, view) if before else view)
            if before is None or shown.tag != before.shown.tag:
                self._notices[key] = Notice(version, shown)
                changed = True
        if changed:
            self._forget_oldest()
            self.version = version
            self._wake()

    def _forget_oldest(self) -> None:
        closed = [(key, notice) for key, notice in self._notices.items() if notice.shown.view.state in TERMINAL]
        closed.sort(key=lambda entry: entry[1].version)
        for key, notice in closed[: max(len(closed) - _REMEMBERED, 0)]:
            del self._notices[key]
            self._reset_at = max(self._reset_at, notice.version)


async def frames(
    board: Board, projects: frozenset[str] | None, first: tuple[int, bytes], *, only_snapshot: bool
) -> AsyncIterator[bytes]:
    """`snapshot`, then `import` for each that has changed, or `heartbeat` after ten quiet seconds.

    Args:
        first: The board's snapshot, which is taken before anything is sent, so that it can still be refused.
    """
    version, snapshot = first
    yield opening() + snapshot
    if only_snapshot:
        return
    while not board.ended:
        try:
            await asyncio.wait_for(board.changed(version), HEARTBEAT_S)
        except TimeoutError:
            yield heartbeat()
            continue
        version, news = await board.news(version, projects)
        if news:
            yield b"".join(news)
