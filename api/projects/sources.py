"""A project's sources: listed, recognised, named by people, removed."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, Field, StringConstraints

from api.imports.derived import remove
from api.imports.schemas import Submitted
from api.names import DisplayName, ProjectPath, SourceKind, SourcePath
from api.problems import Problem
from api.reaching import EngineUnavailable
from api.services import Door, Services
from longshore.graph import catalog, inventory
from longshore.graph.catalog import SourceMatch
from longshore.graph.inventory import SourceExtent, SourceRow
from workflows.contracts import State

router = APIRouter(prefix="/v1/projects/{project}", tags=["sources"])

# Postgres cannot compare with a NUL.
ItemKey = Annotated[str, StringConstraints(pattern=r"^[^\x00]{1,200}$")]


class MatchRequest(BaseModel):
    kind: SourceKind
    keys: list[ItemKey] = Field(max_length=20_000)
    """Of the items, as they would be imported."""


class MatchAnswer(BaseModel):
    source: SourceMatch | None


class LastImport(BaseModel):
    id: str
    state: State
    closed_at: datetime | None


class ListedSource(BaseModel):
    key: str
    """It stays."""
    kind: str
    name: str
    """What people call it."""
    items: int
    """What it asserts now."""
    last_import: LastImport | None


class SourceList(BaseModel):
    sources: list[ListedSource]


class Renaming(BaseModel):
    name: DisplayName


@router.post("/sources:match", operation_id="match_source")
async def match_source(door: Door, project: ProjectPath, request: MatchRequest) -> MatchAnswer:
    """The one known source that has at least half of these items; null where none or several have."""
    async with door.connection() as connection:
        return MatchAnswer(source=await catalog.matching_source(connection, project, request.kind, request.keys))


@router.get("/sources", operation_id="list_sources")
async def list_sources(door: Door, project: ProjectPath) -> SourceList:
    """The sources of a project that have not been removed, by name."""
    async with door.connection() as connection:
        rows = await inventory.list_sources(connection, project)
    return SourceList(sources=await asyncio.gather(*(_shown(door, project, row) for row in rows)))


@router.patch("/sources/{source}", operation_id="rename_source")
async def rename_source(door: Door, project: ProjectPath, source: SourcePath, renaming: Renaming) -> ListedSource:
    """Change what people call a source. Its key stays: an export under the old name is still the same source."""
    async with door.connection() as connection:
        await inventory.rename_source(connection, project, source, renaming.name)
    return await _shown(door, project, await require_source(door, project, source))


@router.delete(
    "/sources/{source}",
    operation_id="delete_source",
    response_model=SourceExtent,
    responses={202: {"model": Submitted, "description": "An import of mode `remove` does it."}},
)
async def delete_source(
    door: Door,
    project: ProjectPath,
    source: SourcePath,
    dry_run: Annotated[bool, Query(description="Tell what would go, and remove nothing.")] = False,
) -> SourceExtent | Response:
    """Take back all that a source asserts. What another source asserts too stays in the graph."""
    row = await require_source(door, project, source)
    if dry_run:
        async with door.connection() as connection:
            return await inventory.extent_of_source(connection, project, source)
    await door.engine.schedules.delete(project, source)
    submitted = await remove(door, project, row)
    return Response(
        submitted.model_dump_json(by_alias=True),
        status.HTTP_202_ACCEPTED,
        {"Location": submitted.import_.links.self, "Retry-After": "2"},
        media_type="application/json",
    )


async def require_source(door: Services, project: str, source: str) -> SourceRow:
    """Raises:
    Problem: 404 `source_not_found`.
    """
    async with door.connection() as connection:
        rows = await inventory.list_sources(connection, project, source)
    if not rows:
        raise Problem(
            404, "source_not_found", f"Project {project} has no source {source}.", "`longshore sources` lists them."
        )
    return rows[0]


async def _shown(door: Services, project: str, row: SourceRow) -> ListedSource:
    return ListedSource(
        key=row.key, kind=row.kind, name=row.name, items=row.items, last_import=await _last(door, project, row)
    )


async def _last(door: Services, project: str, row: SourceRow) -> LastImport | None:
    """The import that runs, if one does; the store knows only of those that a worker has begun."""
    import_id = row.last_import
    try:
        run = await door.engine.describe(project, row.key)
        if run and run.running:
            import_id = run.import_id
        if import_id is None:
            return None
        view = await door.imports.find(project, import_id)
    except (EngineUnavailable, Problem):
        return None
    return LastImport(id=view.id, state=view.state, closed_at=view.closed_at)
