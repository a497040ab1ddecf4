"""The graph as it is drawn: nodes with the edges among them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.graph.known import node_not_found, require_project
from api.names import ProjectPath
from api.services import Door
from longshore.graph import drawing
from longshore.graph.drawing import Subgraph

router = APIRouter()

NodeKind = Literal[
    "Document",
    "Author",
    "Venue",
    "Tag",
    "Collection",
    "Concept",
    "Repository",
    "Method",
    "Finding",
    "Problem",
    "Dataset",
    "Metric",
    "Limitation",
]
Kinds = Annotated[
    list[NodeKind] | None, Query(max_length=20, description="Only nodes of these kinds; repeat it for several.")
]


@router.get("/graph", operation_id="get_graph")
async def get_graph(
    door: Door,
    project: ProjectPath,
    kinds: Kinds = None,
    limit: Annotated[int, Query(ge=1, le=5000, description="The most nodes.")] = 2000,
    focus: Annotated[UUID | None, Query(description="A node or document to draw the surroundings of.")] = None,
    depth: Annotated[int, Query(ge=1, le=3, description="How many edges from the focus.")] = 1,
) -> Subgraph:
    """The best-connected nodes, or what lies around the focus, with the edges among them."""
    async with door.connection() as connection:
        await require_project(connection, project)
        if focus is None:
            return await drawing.draw_best_connected(connection, project, kinds, limit)
        drawn = await drawing.draw_around(connection, project, focus, depth, kinds, limit)
    if drawn is None:
        raise node_not_found(project, focus)
    return drawn


@router.get("/nodes/{node_id}/neighbours", operation_id="get_neighbours")
async def get_neighbours(
    door: Door,
    project: ProjectPath,
    node_id: Annotated[UUID, Path(description="A node or a document.")],
    kinds: Kinds = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="The most neighbours.")] = 100,
) -> Subgraph:
    """The node, then what it is tied to, the strongest ties first, with the edges that tie it."""
    async with door.connection() as connection:
        await require_project(connection, project)
        found = await drawing.neighbours(connection, project, node_id, kinds, limit)
    if found is None:
        raise node_not_found(project, node_id)
    return found
