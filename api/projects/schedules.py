"""When a source is imported again by itself."""

from __future__ import annotations

from fastapi import APIRouter, status

from api.names import ProjectPath, SourcePath
from api.problems import Problem
from api.projects.sources import require_source
from api.schedules import ImportSchedule, ScheduleRequest
from api.services import Door, Services

router = APIRouter(prefix="/v1/projects/{project}/sources/{source}/schedule", tags=["sources"])


@router.get("", operation_id="show_schedule")
async def show_schedule(door: Door, project: ProjectPath, source: SourcePath) -> ImportSchedule:
    """When the source is imported next, and how often."""
    await require_source(door, project, source)
    return await _found(door, project, source)


@router.put("", operation_id="put_schedule")
async def put_schedule(
    door: Door, project: ProjectPath, source: SourcePath, request: ScheduleRequest
) -> ImportSchedule:
    """Have the source imported again and again, each time as it was submitted the last time."""
    await require_source(door, project, source)
    await door.engine.schedules.put(project, source, request)
    return await _found(door, project, source)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, operation_id="delete_schedule")
async def delete_schedule(door: Door, project: ProjectPath, source: SourcePath) -> None:
    """Import the source only when somebody asks for it."""
    if not await door.engine.schedules.delete(project, source):
        raise _none(project, source)


async def _found(door: Services, project: str, source: str) -> ImportSchedule:
    schedule = await door.engine.schedules.find(project, source)
    if schedule is None:
        raise _none(project, source)
    return schedule


def _none(project: str, source: str) -> Problem:
    return Problem(
        404, "schedule_not_found", f"Source {source} of project {project} has no schedule.", "PUT one to make it."
    )
