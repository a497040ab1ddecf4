"""A digest of the whole graph."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.graph.known import require_project
from api.names import ProjectPath
from api.services import Door
from longshore.graph.hashing import graph_hash, overall

router = APIRouter()


class GraphHash(BaseModel):
    digest: str
    """Over the digests of the sets."""
    sets: dict[str, str]


@router.get("/graph/hash", operation_id="hash_graph")
async def hash_graph(door: Door, project: ProjectPath) -> GraphHash:
    """A digest over the canonical content, without ids and times; equal graphs have equal digests."""
    async with door.connection() as connection:
        await require_project(connection, project)
        sets = await graph_hash(connection, project)
    return GraphHash(digest=overall(sets), sets=sets)
