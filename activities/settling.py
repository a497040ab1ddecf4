"""Looking after imports that were ended from outside: terminated, timed out, failed in their own code."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import structlog
from temporalio import activity
from temporalio.client import Client

from activities.heartbeat import beating
from activities.runs import DEADLINE, Runs
from longshore.graph import catalog, settling
from longshore.graph.catalog import ImportRow
from longshore.graph.db import Pool
from longshore.ids import import_id, is_space, workflow_id
from workflows.contracts import ImportRef, Submission, Watch
from workflows.endings import Ending, ended_record, tell_of_ending
from workflows.submitting import start_import

LOOK_EVERY_S = 5.0
"""Of an import that was ended, this and `LAST_STEPS` go by until it is settled."""
_ID_DIGITS = 12

log = structlog.get_logger()


class SettlingActivities:
    def __init__(self, pool: Pool, client: Client) -> None:
        self._pool = pool
        self._client = client
        self._runs = Runs(client)

    @activity.defn(name="settle_imports")
    async def settle_imports(self, watch: Watch) -> int:
        """Look every few seconds, until the time is over or the worker is stopped. Returns how many were settled."""
        clock = asyncio.get_running_loop().time
        until, settled = clock() + watch.seconds, 0
        first_seen: dict[str, float] = {}
        async with beating(LOOK_EVERY_S):
            while clock() < until and not activity.is_worker_shutdown():
                ended = await self._ended()
                # By this clock: that of the server may be another's.
                first_seen = {ending.run_id: first_seen.get(ending.run_id, clock()) for _, ending in ended}
                for row, ending in ended:
                    if clock() - first_seen[ending.run_id] >= settling.LAST_STEPS.total_seconds():
                        settled += await self._settle(row, ending)
                with suppress(TimeoutError):
                    await asyncio.wait_for(activity.wait_for_worker_shutdown(), LOOK_EVERY_S)
        return settled

    async def _ended(self) -> Sequence[tuple[ImportRow, Ending]]:
        """The imports that have no closing record although their run has ended."""
        async with self._pool.connection() as connection:
            rows = await catalog.open_imports(connection, None)
        if not rows:
            return []
        running = {(run.workflow_id, run.import_id) async for run in self._runs.running()}
        left = [row for row in rows if (workflow_id(row.project, row.source_key), row.import_id) not in running]
        return [(row, ending) for row in left if (ending := await self._runs.ending(row))]

    async def _settle(self, row: ImportRow, ending: Ending) -> bool:
        ref = ImportRef(project=row.project, import_id=row.import_id, source_key=row.source_key)
        if ending.lost:
            ending = replace(ending, again=await self._submit_again(row))
        async with self._pool.connection() as connection:
            settled = await settling.settle(
                connection,
                row,
                ending.run_id,
                lambda left: ended_record(ref, ending, row.opened_at, left.items, left.attachments, left.graph),
                lambda record: tell_of_ending(self._client, record, ending.run_id, DEADLINE),
            )
        if settled:
            log.warning("import settled", project=row.project, import_id=row.import_id, reason=ending.reason.code)
        return settled

    async def _submit_again(self, row: ImportRow) -> str | None:
        """Begin anew what went with Temporal's database, from the files that were kept; the id that it has now.

        What was committed is found unchanged. Nothing is begun where the source was imported again since, or where a
        comparison, which is gone as well, would wait for it.
        """
        if is_space(row.project):
            return None
        async with self._pool.connection() as connection:
            if await settling.is_superseded(connection, row):
                return None
        submission = Submission.model_validate(row.submission)
        # The same for every attempt, so that one that is repeated does no harm.
        turn = hashlib.sha256(f"{row.import_id}/{row.attempt}/again".encode()).hexdigest()[:_ID_DIGITS]
        again = submission.model_copy(update={"import_id": import_id(row.source_key, turn), "idempotency_key": None})
        id_ = workflow_id(row.project, row.source_key)
        await start_import(self._client, again, workflow_id=id_, alone=False, deadline=DEADLINE)
        return again.import_id
