"""Submitting a source again as it was submitted the last time."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.heartbeat import beating
from longshore.graph import records
from longshore.graph.db import Pool
from longshore.ids import import_id, schedule_id, workflow_id
from workflows.contracts import Rescan, Rescanned, Submission
from workflows.submitting import digest_of, start_import

_DEADLINE = timedelta(seconds=10)
_ID_DIGITS = 12

log = structlog.get_logger()


class RescanActivities:
    def __init__(self, pool: Pool, client: Client) -> None:
        self._pool = pool
        self._client = client

    @activity.defn(name="submit_rescan")
    async def submit_rescan(self, rescan: Rescan) -> Rescanned:
        """A source that is there no more takes its schedule with it."""
        async with beating():
            async with self._pool.connection() as connection:
                last = await records.last_submission(connection, rescan.project, rescan.source_key)
            if last is None:
                await self._end_schedule(rescan)
                return Rescanned(import_id=None)
            submission = _again(Submission.model_validate(last))
            id_ = workflow_id(rescan.project, rescan.source_key)
            await start_import(self._client, submission, workflow_id=id_, alone=False, deadline=_DEADLINE)
        log.info("rescan submitted", project=rescan.project, import_id=submission.import_id)
        return Rescanned(import_id=submission.import_id)

    async def _end_schedule(self, rescan: Rescan) -> None:
        try:
            await self._client.get_schedule_handle(schedule_id(rescan.project, rescan.source_key)).delete()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise


def _again(last: Submission) -> Submission:
    """The same for every attempt, so that one whose answer was lost does no harm."""
    info = activity.info()
    turn = hashlib.sha256(f"{info.workflow_id}/{info.workflow_run_id}".encode()).hexdigest()[:_ID_DIGITS]
    options = last.options.for_another()
    return last.model_copy(
        update={
            "import_id": import_id(last.source_key, turn),
            "digest": digest_of(last.manifest, options, last.repository, last.library, last.choice),
            "options": options,
            "idempotency_key": None,
            "submitted_at": info.scheduled_time,
        }
    )
