"""Where an import stands: the one place that merges what the engine, its memo and the store know.

In this order: what Temporal says without a worker, what the running workflow answers, the last snapshot in its memo,
and for an import that has closed its record in Postgres.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime

import psycopg

from api.engine import Engine
from api.imports import views
from api.imports.schemas import Import
from api.imports.settling import is_settled, settle
from api.imports.waiting import ENGINE_LOST, without_answer
from api.problems import Problem
from api.reaching import EngineUnavailable
from api.run import Run
from longshore.graph import catalog
from longshore.graph.catalog import ImportRow
from longshore.graph.db import Connection
from longshore.graph.records import count_items
from longshore.ids import source_of
from workflows.contracts import WORKFLOW_QUEUE, ClosingRecord, ItemCounts, Progress, Submission

Connect = Callable[[], AbstractAsyncContextManager[Connection]]


class Imports:
    """Reads imports. Knows of nothing that it has not just asked."""

    def __init__(self, engine: Engine, connect: Connect) -> None:
        self._engine = engine
        self._connect = connect

    async def find(self, project: str, import_id: str) -> Import:
        """The import with this id, or the one that it attached to.

        Raises:
            Problem: 404 `import_not_found`.
            EngineUnavailable: Temporal is down and the store does not know the import, so nobody can tell.
        """
        try:
            source_key = source_of(import_id)
        except ValueError as error:
            raise _not_found(project, import_id) from error
        try:
            run = await self._engine.describe(project, source_key)
            if run and run.running:
                return await self._of_running_source(run, project, import_id)
        except EngineUnavailable:
            row = await self._row(project, import_id)
            if row is None:
                raise
            return await self.unattended(row)
        return await self._stored(run, project, import_id)

    async def record(self, project: str, import_id: str) -> ImportRow | None:
        """What the store has about an import, open or closed."""
        return await self._row(project, import_id)

    async def _of_running_source(self, run: Run, project: str, import_id: str) -> Import:
        if _holds(run, import_id):
            found = await self._asked(run, project, import_id)
            if found:
                return found
        row = await self._row(project, import_id)
        if row and row.record:
            return self.closed(row)
        if not _holds(run, import_id):
            found = await self._asked(run, project, import_id) or await self._signalled(run, project, import_id)
            if found:
                return found
        return await self._stored(None, project, import_id)

    async def _asked(self, run: Run, project: str, import_id: str) -> Import | None:
        """The import as the running workflow or its memo shows it, if it is this run's own, an equal or the next."""
        source_key = source_of(import_id)
        link = self._engine.ui_link(project, source_key)
        answer = await self._engine.progress(project, source_key)
        shown = answer or run.snapshot
        current = shown.import_id if answer and shown else run.import_id
        if run.follow_up and import_id in (run.follow_up.import_id, *run.follow_up.aliases):
            return views.following(project, run, behind=current, temporal_ui=link)
        if answer and import_id == answer.follow_up:
            return views.queued(project, import_id, link, behind=current)
        if import_id != current and not (shown and import_id in shown.aliases):
            return None
        submission = await self._submission(run, project, current)
        if shown is None or shown.import_id != current:
            view = views.queued(project, current, link, submission)
        else:
            view = views.begun(run, project, shown, submission, link)
        if answer:
            return view.model_copy(update={"worker_seen_at": datetime.now(UTC)})
        return await self._not_live(view)

    async def _not_live(self, view: Import) -> Import:
        seen_at = await self._engine.worker_seen_at(WORKFLOW_QUEUE)
        state, reason = without_answer(view.state, view.reason, seen_at)
        return view.model_copy(
            update={"live": False, "worker_seen_at": seen_at, "state": state, "reason": reason},
        )

    async def _submission(self, run: Run, project: str, import_id: str) -> Submission | None:
        """From the memo for the import that began the run; from the store, if it answers, for those that followed."""
        if run.submission and run.submission.import_id == import_id:
            return run.submission
        try:
            row = await self._row(project, import_id)
        except psycopg.OperationalError:
            return None
        return views.submission_of(row) if row else None

    async def _signalled(self, run: Run, project: str, import_id: str) -> Import | None:
        """An import that never began: only the histories of its source have it."""
        found = await self._engine.signalled(run, import_id)
        if found is None:
            return None
        link = self._engine.ui_link(project, source_of(import_id))
        if run.running and not found.handled:
            return views.queued(project, import_id, link, found.submission, behind=run.import_id)
        if not run.running and (not found.handled or (run.follow_up and run.follow_up.import_id == import_id)):
            return views.never_begun(project, found.submission, run, link)
        return views.superseded(project, found.submission, run.follow_up.import_id if run.follow_up else None, link)

    async def _stored(self, run: Run | None, project: str, import_id: str) -> Import:
        """For an import that does not run: its record, or the truth about an end without one."""
        row = await self._row(project, import_id)
        if row and row.record:
            return self.closed(row)
        if row is None and run and run.import_id != import_id:
            found = await self._signalled(run, project, import_id)
            if found:
                return found
        if row is None and not (run and run.import_id == import_id):
            raise _not_found(project, import_id)
        link = self._engine.ui_link(project, source_of(import_id))
        if row and row.run_lost_at and not (run and run.import_id == row.import_id):
            return views.unattended(row, await self._counts(row), link, ENGINE_LOST)
        counts = ItemCounts.model_validate(await self._counts(row)) if row else ItemCounts()
        view = views.ended(project, row.import_id if row else import_id, run, row, counts, link)
        if row and is_settled(run, row):
            with suppress(EngineUnavailable):  # the sweep sees to it later
                async with self._connect() as connection:
                    await settle(connection, self._engine, run, row)
        return view

    async def unattended(self, row: ImportRow) -> Import:
        if row.record:
            return self.closed(row)
        return views.unattended(row, await self._counts(row), self._engine.ui_link(row.project, row.source_key))

    def closed(self, row: ImportRow) -> Import:
        record = ClosingRecord.model_validate(row.record)
        return views.closed(row, record, self._engine.ui_link(row.project, row.source_key))

    async def _row(self, project: str, import_id: str) -> ImportRow | None:
        async with self._connect() as connection:
            return await catalog.find_import(connection, project, import_id)

    async def _counts(self, row: ImportRow) -> dict[str, int]:
        async with self._connect() as connection:
            return await count_items(connection, row.project, row.import_id)


def _holds(run: Run, import_id: str) -> bool:
    snapshot: Progress | None = run.snapshot
    following = (run.follow_up.import_id, *run.follow_up.aliases) if run.follow_up else ()
    return import_id in (run.import_id, *following) or bool(snapshot and import_id in snapshot.aliases)


def _not_found(project: str, import_id: str) -> Problem:
    return Problem(
        404,
        "import_not_found",
        f"Project {project} has no import {import_id}.",
        "`longshore imports` lists the imports of all projects.",
    )
