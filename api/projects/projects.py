"""Projects: listed, named by people, deleted for good."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel

from api.comparisons.ending import end_comparisons
from api.names import DisplayName, ProjectPath
from api.problems import Problem
from api.reaching import EngineUnavailable
from api.security.principals import Caller
from api.services import Door, Services
from longshore.graph import inventory
from longshore.graph.inventory import ProjectRow

router = APIRouter(prefix="/v1/projects", tags=["projects"])


class Project(BaseModel):
    project: str
    """The key, which stays."""
    name: str
    """What people call it."""
    created_at: datetime
    documents: int
    sources: int
    running: int
    """Imports that have not closed."""
    deleting: bool


class ProjectList(BaseModel):
    projects: list[Project]


class Renaming(BaseModel):
    name: DisplayName


class ProjectExtent(BaseModel):
    """What deleting a project deletes."""

    documents: int
    items: int
    blobs: int
    """Files, each counted once."""
    bytes: int


@router.get("", operation_id="list_projects")
async def list_projects(door: Door, caller: Caller) -> ProjectList:
    """The projects that something has been imported into, by key."""
    async with door.connection() as connection:
        rows = await inventory.list_projects(connection, caller.projects)
    return ProjectList(projects=await _shown(door, rows))


@router.get("/{project}", operation_id="get_project")
async def get_project(door: Door, project: ProjectPath) -> Project:
    """A project."""
    [shown] = await _shown(door, [await _row(door, project)])
    return shown


@router.patch("/{project}", operation_id="rename_project")
async def rename_project(door: Door, project: ProjectPath, renaming: Renaming) -> Project:
    """Change what people call a project. Its key stays, and with it every address."""
    async with door.connection() as connection:
        await inventory.rename_project(connection, project, renaming.name)
    return await get_project(door, project)


@router.delete(
    "/{project}",
    operation_id="delete_project",
    response_model=ProjectExtent,
    responses={202: {"model": Project, "description": "It is being deleted."}},
)
async def delete_project(
    door: Door,
    project: ProjectPath,
    response: Response,
    dry_run: Annotated[bool, Query(description="Tell what would be deleted, and delete nothing.")] = False,
) -> Project | ProjectExtent | Response:
    """Delete a project with its graph, its imports and its files. What runs in it is cancelled first."""
    row = await _row(door, project)
    if dry_run:
        return await _extent(door, row)
    await end_comparisons(door, project)
    await door.engine.delete_project(project)
    [shown] = await _shown(door, [row])
    body = shown.model_copy(update={"deleting": True}).model_dump_json()
    headers = {"Location": f"/v1/projects/{project}", "Retry-After": "2"}
    return Response(body, status.HTTP_202_ACCEPTED, headers, media_type="application/json")


async def _row(door: Services, project: str) -> ProjectRow:
    async with door.connection() as connection:
        rows = await inventory.list_projects(connection, [project])
    if not rows:
        raise Problem(
            404, "project_not_found", f"There is no project {project}.", "The first import into a project makes it."
        )
    return rows[0]


async def _shown(door: Services, rows: list[ProjectRow]) -> list[Project]:
    """With what the engine knows; without it, imports that were opened and not closed count as running."""
    try:
        running = Counter([run.project async for run in door.engine.running(None)])
        deleting = await door.engine.deleting()
    except EngineUnavailable:
        running, deleting = Counter({row.project: row.open_imports for row in rows}), set()
    return [
        Project(
            project=row.project,
            name=row.name,
            created_at=row.created_at,
            documents=row.documents,
            sources=row.sources,
            running=running[row.project],
            deleting=row.deleting or row.project in deleting,
        )
        for row in rows
    ]


async def _extent(door: Services, row: ProjectRow) -> ProjectExtent:
    async with door.connection() as connection:
        items = await inventory.count_items(connection, row.project)
    blobs, size = await door.blobs.usage(row.project)
    return ProjectExtent(documents=row.documents, items=items, blobs=blobs, bytes=size)
