"""The schedules of the sweeps, which every worker makes sure of when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from longshore.errors import StackError
from workflows.contracts import WORKFLOW_QUEUE
from workflows.sweeping import WATCH

COLLECT_EVERY = timedelta(hours=6)
_STUCK = timedelta(days=1)
_DEADLINE = timedelta(seconds=10)
_NOT_OURS = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.UNAUTHENTICATED}

log = structlog.get_logger()


def schedules() -> Mapping[str, Schedule]:
    """By id. A watch follows the one before at once; collecting that takes long skips a turn."""
    return {
        "longshore-settling": _every(WATCH, "SettlingWorkflow", "settling", ScheduleOverlapPolicy.BUFFER_ONE),
        "longshore-collecting": _every(COLLECT_EVERY, "CollectingWorkflow", "collecting", ScheduleOverlapPolicy.SKIP),
    }


async def ensure_schedules(client: Client) -> None:
    """Make the schedules, or bring them up to date; one that an operator has paused stays paused.

    A service that permits no schedules is left without.

    Raises:
        StackError: `temporal_unreachable`.
    """
    try:
        for name, schedule in schedules().items():
            await _ensure(client, name, schedule)
    except RPCError as error:
        if error.status not in _NOT_OURS:
            raise StackError(
                "temporal_unreachable", f"Temporal does not take the schedules: {error}", "Check Temporal's log."
            ) from error
        log.warning("Temporal permits no schedules, so nothing is swept", reason=str(error))


async def _ensure(client: Client, name: str, schedule: Schedule) -> None:
    try:
        await client.create_schedule(name, schedule, trigger_immediately=True, rpc_timeout=_DEADLINE)
    except ScheduleAlreadyRunningError:
        known = client.get_schedule_handle(name)
        await known.update(partial(_brought_up_to_date, wanted=schedule), rpc_timeout=_DEADLINE)


def _every(interval: timedelta, workflow: str, name: str, overlap: ScheduleOverlapPolicy) -> Schedule:
    # One turn at most is made up for after Temporal was away. A run that is stuck makes way for the next.
    return Schedule(
        ScheduleActionStartWorkflow(workflow, id=f"sweep/{name}", task_queue=WORKFLOW_QUEUE, execution_timeout=_STUCK),
        ScheduleSpec(intervals=[ScheduleIntervalSpec(interval)]),
        SchedulePolicy(overlap, catchup_window=interval),
    )


def _brought_up_to_date(found: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate | None:
    known = found.description.schedule
    if (known.action, known.spec, known.policy) == (wanted.action, wanted.spec, wanted.policy):
        return None
    return ScheduleUpdate(replace(wanted, state=known.state))
