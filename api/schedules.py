"""Schedules by which sources are imported again: Temporal keeps them, and knows when each comes next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, model_validator
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.service import RPCError, RPCStatusCode

from api.problems import Problem
from api.reaching import reaching
from longshore.ids import schedule_id
from workflows.contracts import WORKFLOW_QUEUE, Rescan
from workflows.rescanning import RescanWorkflow

_DEADLINE = timedelta(seconds=3)
_MAKE_UP_FOR = timedelta(minutes=10)
_LONGEST_S = 366 * 24 * 3600


class ScheduleRequest(BaseModel):
    """Either an interval or a cron expression."""

    model_config = ConfigDict(extra="forbid")

    every_s: int | None = Field(default=None, ge=60, le=_LONGEST_S)
    """Seconds from one import to the next."""
    cron: str | None = Field(default=None, max_length=100, pattern=r"^[0-9A-Za-z*/,\-? ]+$", examples=["0 3 * * *"])
    """Minute, hour, day of the month, month, day of the week."""
    time_zone: str = Field(default="UTC", max_length=60, pattern=r"^[A-Za-z0-9_+/\-]+$")
    """That a cron expression is meant in."""

    @model_validator(mode="after")
    def _one_of_both(self) -> ScheduleRequest:
        if (self.every_s is None) == (self.cron is None):
            raise ValueError("give either every_s or cron")
        return self


class ImportSchedule(BaseModel):
    every_s: int | None
    cron: str | None
    time_zone: str
    paused: bool
    """By an operator, in Temporal."""
    next_at: datetime | None
    last_at: datetime | None


class Schedules:
    """Of the sources of all projects."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def put(self, project: str, source_key: str, request: ScheduleRequest) -> None:
        """Have a source imported again and again; a schedule that it had is replaced.

        Raises:
            Problem: 422 `invalid_schedule`, as Temporal says.
        """
        id_, wanted = schedule_id(project, source_key), _schedule(project, source_key, request)
        memo = {"request": request.model_dump()}
        with _refusing():
            try:
                await self._client.create_schedule(id_, wanted, memo=memo, rpc_timeout=_DEADLINE)
            except ScheduleAlreadyRunningError:
                await self.delete(project, source_key)
                await self._client.create_schedule(id_, wanted, memo=memo, rpc_timeout=_DEADLINE)

    async def find(self, project: str, source_key: str) -> ImportSchedule | None:
        handle = self._client.get_schedule_handle(schedule_id(project, source_key))
        try:
            with reaching():
                return await _shown(await handle.describe(rpc_timeout=_DEADLINE))
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def delete(self, project: str, source_key: str) -> bool:
        """Whether there was one."""
        try:
            with reaching():
                await self._client.get_schedule_handle(schedule_id(project, source_key)).delete(rpc_timeout=_DEADLINE)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True


def _schedule(project: str, source_key: str, request: ScheduleRequest) -> Schedule:
    spec = (
        ScheduleSpec(cron_expressions=[request.cron], time_zone_name=request.time_zone)
        if request.cron
        else ScheduleSpec(intervals=[ScheduleIntervalSpec(timedelta(seconds=request.every_s or 0))])
    )
    id_ = schedule_id(project, source_key)
    return Schedule(
        ScheduleActionStartWorkflow(
            RescanWorkflow.run,
            Rescan(project=project, source_key=source_key),
            id=id_,
            task_queue=WORKFLOW_QUEUE,
            static_summary=f"import {source_key} of {project} again",
        ),
        spec,
        SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_MAKE_UP_FOR),
    )


async def _shown(found: ScheduleDescription) -> ImportSchedule:
    """As it was asked for; Temporal keeps a cron expression as what it stands for."""
    request = ScheduleRequest.model_validate(await found.memo_value("request"))
    recent, coming = found.info.recent_actions, found.info.next_action_times
    return ImportSchedule(
        **request.model_dump(),
        paused=found.schedule.state.paused,
        next_at=coming[0] if coming else None,
        last_at=recent[-1].started_at if recent else None,
    )


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        with reaching():
            yield
    except RPCError as error:
        if error.status != RPCStatusCode.INVALID_ARGUMENT:
            raise
        raise Problem(
            422,
            "invalid_schedule",
            f"Temporal does not take it: {error.message}.",
            "Cron is `minute hour day month weekday`.",
        ) from error
