"""What a project's graph holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.names import ProjectPath
from api.problems import Problem
from api.services import Door
from longshore.graph import catalog
from longshore.graph.db import Connection
from longshore.graph.hashing import graph_hash, overall
from longshore.graph.search import Passage, search

router = APIRouter(prefix="/v1/projects/{project}", tags=["graph"])


class SearchResults(BaseModel):
    results: list[Passage]


class GraphHash(BaseModel):
    digest: str
    """Over the digests of the sets."""
    sets: dict[str, str]


@router.get("/search", operation_id="search_passages")
async def search_passages(
    door: Door,
    project: ProjectPath,
    q: Annotated[str, Query(min_length=1, max_length=1000, description="What is asked for, in any language.")],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> SearchResults:
    """Passages of the project's documents by words and by meaning, the best first."""
    vector = await door.embedder.embed(q)
    async with door.connection() as connection:
        await _require_project(connection, project)
        results = await search(connection, project, q, vector, door.embedder.model, limit)
    return SearchResults(results=results)


@router.get("/graph/hash", operation_id="hash_graph")
async def hash_graph(door: Door, project: ProjectPath) -> GraphHash:
    """A digest over the canonical content, without ids and times; equal graphs have equal digests."""
    async with door.connection() as connection:
        await _require_project(connection, project)
        sets = await graph_hash(connection, project)
    return GraphHash(digest=overall(sets), sets=sets)


async def _require_project(connection: Connection, project: str) -> None:
    if not await catalog.project_exists(connection, project):
        raise Problem(
            404, "project_not_found", f"There is no project {project}.", "The first import into a project makes it."
        )
