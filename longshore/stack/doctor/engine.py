"""What does not fit together between Temporal and the database, and what Temporal lacks.

Nothing that Temporal keeps is decoded: it may be encrypted, and ids and times tell enough.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType, WorkflowExecutionStatus
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from longshore.graph import catalog, settling
from longshore.graph.catalog import ImportRow
from longshore.graph.checking import EXAMPLES
from longshore.graph.db import Pool
from longshore.ids import workflow_id
from longshore.stack.doctor.finding import Finding
from longshore.stack.namespace import RETENTION, SEARCH_ATTRIBUTES, describe_namespace, ensure_namespace

SCHEDULES = ("longshore-settling", "longshore-collecting")
"""What every worker makes when it starts (worker/schedules.py)."""
WORKFLOW_QUEUE = "imports"
SETTLED_WITHIN = timedelta(seconds=90)
"""By now, what sweeps settle within 30 seconds is settled, unless nobody sweeps."""
POLLED_WITHIN = timedelta(minutes=2)
_DEADLINE = timedelta(seconds=5)
_RUNNING = "WorkflowType = 'ImportWorkflow' and ExecutionStatus = 'Running'"


async def check_engine(client: Client) -> list[Finding]:
    """What Longshore needs of Temporal beyond that it answers."""
    return [*await _namespace(client), *await _schedules(client), *await _workers(client)]


async def check_imports(client: Client, pool: Pool) -> list[Finding]:
    """Open imports of the store beside the runs of Temporal: each of the one belongs to one of the other."""
    async with pool.connection() as connection:
        rows = await catalog.open_imports(connection, None)
    unknown, unsettled = list[ImportRow](), list[ImportRow]()
    now, newest = datetime.now(UTC), set[tuple[str, str]]()
    for row in rows:  # newest first
        source = (row.project, row.source_key)
        ended = await _ended(client, row, source not in newest)
        newest.add(source)
        if ended is None or now - (row.run_lost_at or row.opened_at) < SETTLED_WITHIN:
            continue
        if ended.known:
            unsettled += [row] if ended.at is None or now - ended.at > SETTLED_WITHIN else []
        else:
            unknown.append(row)
    unopened = [info async for info in _running(client) if _is_unopened(info, rows, now)]
    found = [_without_run(pool, unknown), _unsettled(unsettled), _without_row(unopened)]
    return [finding for finding in found if finding]


@dataclass(frozen=True)
class _Ended:
    """Of the run of an import that does not go on; not `known` where Temporal has never heard of it."""

    known: bool
    at: datetime | None = None


async def _ended(client: Client, row: ImportRow, newest: bool) -> _Ended | None:
    """None where its run goes on. Of one source only the newest open import can."""
    last = await describe(client, workflow_id(row.project, row.source_key))
    running = last is not None and last.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
    if running and newest:
        # The run it began with may be forgotten by now: a long import goes on in others.
        return None
    began = await describe(client, workflow_id(row.project, row.source_key), row.run_id) if row.run_id else last
    if began is None:
        return _Ended(known=False)
    closed = began.close_time.ToDatetime(UTC) if began.HasField("close_time") else None
    return _Ended(known=True, at=closed)


async def describe(client: Client, id_: str, run_id: str = "") -> WorkflowExecutionInfo | None:
    """A run of a workflow, the newest unless it is named; None if Temporal knows of none."""
    execution = WorkflowExecution(workflow_id=id_, run_id=run_id)
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    try:
        answer = await client.workflow_service.describe_workflow_execution(request, timeout=_DEADLINE)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
    return answer.workflow_execution_info


async def _running(client: Client) -> AsyncIterator[WorkflowExecutionInfo]:
    request = ListWorkflowExecutionsRequest(namespace=client.namespace, page_size=500, query=_RUNNING)
    while True:
        page = await client.workflow_service.list_workflow_executions(request, timeout=_DEADLINE)
        for info in page.executions:
            yield info
        if not page.next_page_token:
            return
        request.next_page_token = page.next_page_token


def _is_unopened(info: WorkflowExecutionInfo, rows: Sequence[ImportRow], now: datetime) -> bool:
    known = {workflow_id(row.project, row.source_key) for row in rows}
    return info.execution.workflow_id not in known and now - info.start_time.ToDatetime(UTC) > SETTLED_WITHIN


def _without_run(pool: Pool, rows: list[ImportRow]) -> Finding | None:
    if not rows:
        return None

    async def have_settled() -> str:
        async with pool.connection() as connection:
            for row in rows:
                await settling.note_lost_run(connection, row)
        return f"Noted of {len(rows)} imports that their runs are lost: a worker settles and submits them again."

    return Finding(
        code="imports_without_run",
        what="Imports are open in the database of which Temporal knows nothing.",
        why="Temporal has lost them, or another Temporal runs them. Without a run they never end, and while they are "
        "open nothing of their project is swept.",
        remedy="See that TEMPORAL_ADDRESS names the right service. If it does, `longshore doctor --fix` has them "
        "settled as failed and submitted again from the files that were kept, within half a minute.",
        count=len(rows),
        examples=_named(rows),
    ).mended_by(have_settled)


def _unsettled(rows: list[ImportRow]) -> Finding | None:
    if not rows:
        return None
    return Finding(
        code="imports_not_settled",
        what="Imports are open in the database although their runs have ended.",
        why="They were ended from outside, and nobody has written how they ended: the sweep does not run.",
        remedy="Start a worker, and see in Temporal that the schedule longshore-settling is not paused. "
        "Looking at one with `longshore show` settles it as well.",
        count=len(rows),
        examples=_named(rows),
    )


def _without_row(runs: list[WorkflowExecutionInfo]) -> Finding | None:
    if not runs:
        return None
    return Finding(
        code="runs_without_import",
        what="Imports run in Temporal that the database does not know as open.",
        why="Their first step has not been done: no worker takes it up, or it fails again and again. Or the database "
        "has lost them.",
        remedy="See in Temporal's Web UI what the run waits for. `temporal workflow terminate` ends one that is stuck.",
        count=len(runs),
        examples=[info.execution.workflow_id for info in runs[:EXAMPLES]],
    )


def _named(rows: list[ImportRow]) -> list[str]:
    return [f"{row.project}: {row.import_id}, since {row.opened_at:%Y-%m-%d %H:%M} UTC" for row in rows[:EXAMPLES]]


async def _namespace(client: Client) -> list[Finding]:
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=_DEADLINE
    )
    missing = [name for name in SEARCH_ATTRIBUTES if name not in listed.custom_attributes]
    retention = await describe_namespace(client)

    async def ensure() -> str:
        await ensure_namespace(client)
        return "Registered the search attributes, and raised the retention."

    findings = []
    if missing:
        findings.append(
            Finding(
                code="search_attributes_missing",
                what="Search attributes of Longshore are not registered in Temporal.",
                why="No import can be started without them.",
                remedy="`longshore doctor --fix` registers them, as every start of the stack does.",
                count=len(missing),
                examples=missing,
            ).mended_by(ensure)
        )
    if retention < RETENTION:
        findings.append(
            Finding(
                code="retention_short",
                what=f"Temporal forgets imports {retention.days} days after they have closed.",
                why="How an import ran can be looked up only as long. How it ended stays in the database.",
                remedy="`longshore doctor --fix` raises the retention to 30 days, as every start of the stack does.",
            ).mended_by(ensure)
        )
    return findings


async def _schedules(client: Client) -> list[Finding]:
    missing, paused = [], []
    for name in SCHEDULES:
        try:
            described = await client.get_schedule_handle(name).describe(rpc_timeout=_DEADLINE)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            missing.append(name)
        else:
            paused += [name] if described.schedule.state.paused else []
    findings = []
    if missing:
        findings.append(
            Finding(
                code="schedules_missing",
                what="Schedules of Longshore are missing in Temporal.",
                why="Imports that were ended from outside are not settled, and files that nothing needs are kept.",
                remedy="Start a worker, or start it again: every worker makes them when it starts.",
                count=len(missing),
                examples=missing,
            )
        )
    if paused:
        findings.append(
            Finding(
                code="schedules_paused",
                severity="notice",
                what="Schedules of Longshore are paused in Temporal.",
                why="Somebody did so; what they begin does not happen meanwhile.",
                remedy="`temporal schedule toggle --unpause --schedule-id NAME`, when the reason for it is over.",
                count=len(paused),
                examples=paused,
            )
        )
    return findings


async def _workers(client: Client) -> list[Finding]:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=WORKFLOW_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=_DEADLINE)
    seen = [poller.last_access_time.ToDatetime(UTC) for poller in answer.pollers]
    if seen and datetime.now(UTC) - max(seen) < POLLED_WITHIN:
        return []
    return [
        Finding(
            code="no_worker",
            what="No worker has asked Temporal for work within the last two minutes.",
            why="Imports wait until there is one.",
            remedy="Start a worker: `longshore up`, or `python -m worker`. Where one runs, its log says what it lacks.",
        )
    ]
