"""One run of an import's workflow, as Temporal describes it without asking a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import temporalio.api.enums.v1 as enums
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel, ValidationError
from temporalio.api.failure.v1 import Failure as FailureMessage
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowExecution, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.converter import DataConverter
from temporalio.exceptions import FailureError

from longshore.histories.keyring import HistoryUnreadable
from workflows.contracts import Progress, Submission

Value = TypeVar("Value")


@dataclass(frozen=True)
class Failure:
    type: str
    message: str
    at: datetime | None


@dataclass(frozen=True)
class PendingStep:
    """An activity that has been scheduled and has not ended."""

    name: str
    attempt: int
    started: bool
    """False while it waits: for a worker, or for its next attempt."""
    next_attempt_at: datetime | None
    last_failure: Failure | None
    done: int = 0
    total: int | None = None
    """How far it has come, as it says itself with its heartbeats."""


class FollowUp(BaseModel):
    """The submission that begins when the running import of its source has closed."""

    import_id: str
    digest: str
    submitted_at: datetime
    aliases: tuple[str, ...] = ()
    """Ids of equal submissions that attached to it."""


@dataclass(frozen=True)
class Run:
    workflow_id: str
    run_id: str
    status: WorkflowExecutionStatus | None
    started_at: datetime
    closed_at: datetime | None
    import_id: str
    digest: str
    submission: Submission | None
    """Of the import that started this chain of runs; later ones may follow it."""
    snapshot: Progress | None
    """The last one that the workflow left in its memo."""
    follow_up: FollowUp | None
    steps: tuple[PendingStep, ...] = ()
    task_attempt: int = 0
    """Of the workflow task under way; above 1 when the workflow's own code fails."""

    @property
    def project(self) -> str:
        return self.workflow_id.split("/")[1]

    @property
    def running(self) -> bool:
        return self.status == WorkflowExecutionStatus.RUNNING


async def read_run(execution: WorkflowExecution) -> Run:
    """What a description holds; from a list, the same without pending activities.

    Raises:
        HistoryUnreadable: it runs, and what it says of itself is encrypted with a key that is not at hand.
    """
    steps: tuple[PendingStep, ...] = ()
    task_attempt = 0
    if isinstance(execution, WorkflowExecutionDescription):
        pending = execution.raw_description.pending_activities
        steps = tuple([await _step(activity, execution.data_converter) for activity in pending])
        task_attempt = execution.raw_description.pending_workflow_task.attempt
    return Run(
        workflow_id=execution.id,
        run_id=execution.run_id,
        status=execution.status,
        started_at=execution.start_time,
        closed_at=execution.close_time,
        import_id=await _memo(execution, "import_id", str) or "",
        digest=await _memo(execution, "digest", str) or "",
        submission=await _memo(execution, "submission", Submission),
        snapshot=await _memo(execution, "snapshot", Progress),
        follow_up=await _memo(execution, "follow_up", FollowUp),
        steps=steps,
        task_attempt=task_attempt,
    )


async def _memo(execution: WorkflowExecution, key: str, kind: type[Value]) -> Value | None:
    """A value that is absent, null, or from a version with another shape reads as None."""
    try:
        value: object = await execution.memo_value(key, default=None, type_hint=kind)
    except (ValidationError, RuntimeError):
        return None
    except HistoryUnreadable:
        if execution.status == WorkflowExecutionStatus.RUNNING:
            raise
        return None  # Postgres tells how it ended.
    return value if isinstance(value, kind) else None


async def _step(pending: PendingActivityInfo, converter: DataConverter) -> PendingStep:
    return PendingStep(
        name=pending.activity_type.name,
        attempt=pending.attempt,
        started=pending.state != enums.PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED,
        next_attempt_at=_time(pending.next_attempt_schedule_time),
        last_failure=await _failure(pending, converter) if pending.HasField("last_failure") else None,
        **await _beat(pending, converter),
    )


async def _beat(pending: PendingActivityInfo, converter: DataConverter) -> dict[str, Any]:
    """What the newest heartbeat says; nothing where it says nothing that can be read."""
    try:
        [told] = await converter.decode(pending.heartbeat_details.payloads)
        return {"done": int(told["done"]), "total": None if told["total"] is None else int(told["total"])}
    except (HistoryUnreadable, LookupError, RuntimeError, TypeError, ValueError):
        return {}


async def _failure(pending: PendingActivityInfo, converter: DataConverter) -> Failure:
    failure = FailureMessage()
    failure.CopyFrom(pending.last_failure)
    try:
        error = await converter.decode_failure(failure)
        message = error.message if isinstance(error, FailureError) else str(error)
    except HistoryUnreadable as unreadable:
        message = str(unreadable)
    return Failure(
        type=failure.application_failure_info.type or failure.WhichOneof("failure_info") or "Failure",
        message=message,
        at=_time(pending.last_attempt_complete_time),
    )


def _time(stamp: Timestamp) -> datetime | None:
    return stamp.ToDatetime(UTC) if stamp.seconds else None
