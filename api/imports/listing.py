"""Lists of imports: what the engine runs and what the store has, merged."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.engine import Engine
from api.imports import views
from api.imports.events import unknown
from api.imports.pages import invalid_token, page_token, position_of
from api.imports.schemas import Import, ImportList
from api.imports.status import Connect, Imports
from api.imports.waiting import ORCHESTRATOR_UNAVAILABLE
from api.problems import Problem
from api.reaching import EngineUnavailable
from api.run import Run
from longshore.graph import catalog, inventory
from longshore.graph.catalog import ImportRow, Place
from longshore.ids import is_space
from workflows.contracts import TERMINAL, State

_RECENT = timedelta(minutes=1)
_RECENT_AT_MOST = 200
_NEWEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Choice:
    """Which imports to list; None is all."""

    projects: frozenset[str] | None = None
    state: State | None = None
    kind: str | None = None

    def holds(self, view: Import) -> bool:
        return (
            (self.projects is None or view.project in self.projects)
            and (self.state is None or view.state == self.state)
            and (self.kind is None or view.source.kind == self.kind)
        )


class Listing:
    """Lists imports: those without a closing record first, then the closed ones, each the newest first."""

    def __init__(self, engine: Engine, imports: Imports, connect: Connect) -> None:
        self._engine = engine
        self._imports = imports
        self._connect = connect

    async def page(self, choice: Choice, size: int, token: str | None) -> ImportList:
        """Raises:
        Problem: 422 `invalid_page_token`.
        """
        phase, place = _place(token)
        chosen: list[Import] = []
        if phase == "open":
            views = [view for view in await self.under_way(choice.projects) if choice.holds(view)]
            chosen = sorted((view for view in views if place is None or _order(view) < place), key=_order, reverse=True)
            place = None
        if len(chosen) > size:
            return ImportList(imports=chosen[:size], next_page_token=_token("open", _order(chosen[size - 1])))
        shown = {(view.project, view.id) for view in chosen}
        rows = await self._closed(choice, place, size - len(chosen) + 1)
        kept = rows[: size - len(chosen)]
        chosen += [self._imports.closed(row) for row in kept if (row.project, row.import_id) not in shown]
        more = len(rows) > len(kept)
        if not more:
            return ImportList(imports=chosen, next_page_token=None)
        last = (kept[-1].opened_at, kept[-1].project, kept[-1].import_id) if kept else place or (_NEWEST, "", "")
        return ImportList(imports=chosen, next_page_token=_token("closed", last))

    async def under_way(self, projects: Collection[str] | None) -> list[Import]:
        """Imports without a closing record, in no order; with Temporal down those that were opened."""
        async with self._connect() as connection:
            unsettled = [row for row in await catalog.open_imports(connection, projects) if not is_space(row.project)]
        rows = {(row.project, row.import_id): row for row in unsettled}
        runs: dict[tuple[str, str], Run] = {}
        try:
            async for run in self._engine.running(_only(projects)):
                if projects is None or run.project in projects:
                    runs[run.project, run.import_id] = run
                    if run.follow_up:
                        runs[run.project, run.follow_up.import_id] = run
        except EngineUnavailable:
            return [await self._imports.unattended(row) for row in unsettled]
        keys = sorted(rows.keys() | runs.keys())
        found = await asyncio.gather(*(self._look(key, rows.get(key), runs.get(key)) for key in keys))
        return list({(view.project, view.id): view for view in found if view}.values())

    async def just_closed(self) -> list[Import]:
        """Those that closed within the last minute."""
        async with self._connect() as connection:
            rows = await catalog.closed_since(connection, datetime.now(UTC) - _RECENT, _RECENT_AT_MOST)
        return [self._imports.closed(row) for row in rows]

    async def projects(self) -> frozenset[str]:
        """Those that something has been imported into."""
        async with self._connect() as connection:
            return await inventory.project_keys(connection)

    async def _closed(self, choice: Choice, before: Place | None, limit: int) -> list[ImportRow]:
        if choice.state is not None and choice.state not in TERMINAL:
            return []
        outcomes = [choice.state] if choice.state else None
        async with self._connect() as connection:
            return await catalog.closed_imports(
                connection, choice.projects, outcomes=outcomes, kind=choice.kind, before=before, limit=limit
            )

    async def _look(self, key: tuple[str, str], row: ImportRow | None, run: Run | None) -> Import | None:
        """One that closes or is superseded between the listing and the look is no error."""
        try:
            return await self._imports.find(*key)
        except Problem:
            return None
        except EngineUnavailable:
            if row or run is None:
                return await self._imports.unattended(row) if row else None
        following = run.follow_up is not None and key[1] == run.follow_up.import_id
        view = (
            views.following(run.project, run, run.import_id, None)
            if following
            else views.queued(*key, None, run.submission)
        )
        return unknown(view, ORCHESTRATOR_UNAVAILABLE)


def _only(projects: Collection[str] | None) -> str | None:
    return next(iter(projects)) if projects and len(projects) == 1 else None


def _order(view: Import) -> Place:
    """A follow-up, whose time of submission only the history has, is newer than the rest."""
    return (view.created_at or _NEWEST, view.project, view.id)


def _token(phase: str, place: Place) -> str:
    return page_token(phase, place[0].isoformat(), *place[1:])


def _place(token: str | None) -> tuple[str, Place | None]:
    if token is None:
        return "open", None
    phase, at, project, import_id = position_of(token, *itertools.repeat(str, 4))
    try:
        place = (datetime.fromisoformat(at), project, import_id)
    except ValueError as error:
        raise invalid_token() from error
    if place[0].tzinfo is None or phase not in ("open", "closed") or "\0" in project + import_id:
        raise invalid_token()
    return phase, place
