"""What operators do in Temporal behind the program's back, and in the program at the wrong moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress

from psycopg.rows import dict_row
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyType
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, ResetWorkflowExecutionRequest
from temporalio.client import WorkflowFailureError

from longshore.graph.db import open_pool
from longshore.ids import workflow_id
from tests.faults.bench import Bench
from tests.faults.invariants import check, demand
from tests.faults.kills import NAME, Done, disturb
from tests.faults.passage import Passage
from tests.faults.trials import Outcome, Trial
from tests.integration.voyage import PROJECT, Handle
from workflows.contracts import ClosingRecord
from workflows.imports import ImportWorkflow

SETTLED_WITHIN_S = 30.0
LARGEST_EVENT = 64 * 1024
_MOMENTS = (
    "stage_source.before_call",
    "parse_batch.before_call",
    "write_batch.before_commit",
    "link_batch.before_call",
)


def ended_from_outside(bench: Bench) -> Iterable[Trial]:
    for moment in ("parse_batch.before_call", "write_batch.before_call", "link_batch.before_call"):
        yield Trial(f"terminated at {moment}", lambda moment=moment: _terminated(bench, moment))  # type: ignore[misc]
    yield Trial("cancelled in Temporal", lambda: _cancelled_in_temporal(bench))
    yield Trial("reset to its beginning", lambda: _reset(bench))


async def _terminated(bench: Bench, moment: str) -> Outcome:
    """Settled within 30 seconds, though nobody looks; the source can be imported again at once."""
    async with bench.rig.passage() as passage:
        passage.start_worker()
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        handle = await passage.begin(submission)
        await passage.crossed(moment)
        await handle.terminate("an operator's decision")
        terminated_at = time.monotonic()
        record = await settled(passage, submission.import_id)
        settled_s = time.monotonic() - terminated_at
        demand(record.state == "failed", f"a terminated import was settled as {record.state}")
        demand(record.reason is not None and record.reason.code == "terminated", f"its reason is {record.reason}")
        demand(settled_s < SETTLED_WITHIN_S, f"I7: settled after {settled_s:.0f} s")
        return await import_again(bench, passage, record, settled_s)


async def settled(passage: Passage, import_id: str, within_s: float = SETTLED_WITHIN_S + 10) -> ClosingRecord:
    """The record of an import as soon as it has one."""
    pool = await open_pool(passage.database_url, max_size=1)
    try:
        async with asyncio.timeout(within_s), pool.connection() as connection:
            await connection.set_autocommit(True)
            while True:
                cursor = connection.cursor(row_factory=dict_row)
                await cursor.execute(
                    "select record from imports where project = %s and import_id = %s and outcome is not null",
                    (PROJECT, import_id),
                )
                if row := await cursor.fetchone():
                    return ClosingRecord.model_validate(row["record"])
                await asyncio.sleep(0.1)
    finally:
        await pool.close()


async def import_again(bench: Bench, passage: Passage, before: ClosingRecord, seconds: float) -> Outcome:
    """What the import that ended early has committed is not done again."""
    again = await passage.finish(await passage.submit(bench.undisturbed.cargo, NAME))
    demand(again.state == "succeeded", f"the next import ended as {again.state}: {again.reason}")
    demand(again.items.unchanged >= before.items.added, "I6: what was committed was done again")
    await check(passage, again, bench.undisturbed.digests)
    return Outcome(recovery_s=seconds)


async def _cancelled_in_temporal(bench: Bench) -> Outcome:
    async with bench.rig.passage() as passage:
        passage.start_worker()
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        handle = await passage.begin(submission)
        await passage.crossed("write_batch.after_commit")
        await handle.cancel()
        cancelled_at = time.monotonic()
        with suppress(WorkflowFailureError):
            await passage.finish(handle)
        record = await settled(passage, submission.import_id)
        demand(record.state in ("cancelled", "failed"), f"a cancelled import ended as {record.state}")
        return await import_again(bench, passage, record, time.monotonic() - cancelled_at)


async def _reset(bench: Bench) -> Outcome:
    """The run begins again from its first decision, while what it has committed is there."""

    async def reset(passage: Passage, handle: Handle) -> Done:
        await passage.crossed("write_batch.after_commit")
        first_task = 0
        async for event in handle.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                first_task = event.event_id
                break
        description = await handle.describe()
        await passage.client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=passage.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=handle.id, run_id=description.run_id),
                reason="an operator's decision",
                workflow_task_finish_event_id=first_task,
                request_id=f"reset-{time.monotonic_ns()}",
                reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_SIGNAL,
            )
        )
        reset_at = time.monotonic()
        await passage.crossed("open_import.before_call", 2)
        passage.seen.clear()  # it is another attempt, whose progress begins anew
        return Done(reset_at)

    return await disturb(bench.rig, bench.undisturbed, reset)


def forgotten(bench: Bench) -> Iterable[Trial]:
    yield Trial("history deleted after the import", lambda: _forgotten(bench))


async def _forgotten(bench: Bench) -> Outcome:
    """As after Temporal's retention: the record stays, and the source is known."""
    async with bench.rig.passage() as passage:
        passage.start_worker()
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        record = await passage.finish(await passage.begin(submission))
        await passage.client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=passage.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=workflow_id(PROJECT, submission.source_key)),
            )
        )
        demand(await settled(passage, submission.import_id) == record, "the record has changed")
        again = await passage.finish(await passage.submit(bench.undisturbed.cargo, NAME))
        demand(again.items.unchanged == record.items.total, f"I8: {again.items} instead of nothing to do")
        await check(passage, again, bench.undisturbed.digests)
        return Outcome()


def history_is_small(bench: Bench) -> Iterable[Trial]:
    yield Trial("no payload beyond 64 KB", lambda: _history_is_small(bench))


async def _history_is_small(bench: Bench) -> Outcome:
    """References and counts travel, never content: of an import of 40 texts, no event is large."""
    async with bench.rig.passage() as passage:
        passage.start_worker()
        handle = await passage.submit(bench.undisturbed.cargo, NAME)
        record = await passage.finish(handle)
        sizes = [event.ByteSize() async for event in handle.fetch_history_events()]
        demand(max(sizes) < LARGEST_EVENT, f"an event of the history has {max(sizes)} bytes")
        await check(passage, record, bench.undisturbed.digests)
        return Outcome()


def cancelled(bench: Bench) -> Iterable[Trial]:
    for moment in _MOMENTS:
        yield Trial(f"cancelled at {moment}", lambda moment=moment: _cancelled(bench, moment))  # type: ignore[misc]


async def _cancelled(bench: Bench, moment: str) -> Outcome:
    """It ends within ten seconds, keeps what it has committed, and the next import completes it."""
    async with bench.rig.passage() as passage:
        passage.start_worker()
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        handle = await passage.begin(submission)
        await passage.crossed(moment)
        await handle.signal(ImportWorkflow.cancel, submission.import_id)
        await handle.signal(ImportWorkflow.cancel, submission.import_id)
        cancelled_at = time.monotonic()
        record = await passage.finish(handle)
        seconds = time.monotonic() - cancelled_at
        demand(record.state in ("cancelled", "succeeded"), f"it ended as {record.state}")
        demand(seconds < 10, f"it took {seconds:.0f} s to end")
        return await import_again(bench, passage, record, seconds)


def paused(bench: Bench) -> Iterable[Trial]:
    yield Trial("worker replaced while paused", lambda: _paused(bench))


async def _paused(bench: Bench) -> Outcome:
    async def pause(passage: Passage, handle: Handle) -> Done:
        progress = await passage.until(handle, lambda progress: progress.items.total > 0)
        await passage.crossed("parse_batch.before_return")
        await handle.signal(ImportWorkflow.pause, progress.import_id)
        await passage.until(handle, lambda progress: progress.state == "paused")
        passage.workers[-1].kill()
        await asyncio.to_thread(passage.workers[-1].wait)
        passage.start_worker()
        await passage.until(handle, lambda progress: progress.state == "paused")
        await handle.signal(ImportWorkflow.resume, progress.import_id)
        return Done(time.monotonic())

    return await disturb(bench.rig, bench.undisturbed, pause)
