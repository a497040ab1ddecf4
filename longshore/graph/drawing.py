"""The part of a graph that is drawn: its best-connected nodes, or what lies around one of them.

Documents are nodes of kind `Document`. Every choice is by degree and then by id, so the same graph is drawn alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from pydantic import BaseModel

from longshore.graph.db import Connection

MOST_EDGES = 20_000
"""Edges of one drawing; past them the lightest are left out."""

_NAMED = """
    select document_id as id, 'Document' as kind, title as name, year from documents
    where project = %(project)s and {condition_on_documents}
    union all
    select node_id, kind, name, null from nodes where project = %(project)s and {condition_on_nodes}
"""
_OF_KINDS = _NAMED.format(
    condition_on_documents="(%(kinds)s::text[] is null or 'Document' = any(%(kinds)s))",
    condition_on_nodes="(%(kinds)s::text[] is null or kind = any(%(kinds)s))",
)
_OF_IDS = _NAMED.format(
    condition_on_documents="document_id = any(%(ids)s)", condition_on_nodes="node_id = any(%(ids)s)"
)
_DEGREE = """
    (select count(*) from edges where project = %(project)s and source_id = id)
    + (select count(*) from edges where project = %(project)s and target_id = id)
"""


class GraphNode(BaseModel):
    """A node, or a document as one."""

    id: UUID
    kind: str
    name: str
    degree: int
    """Edges that it has in the whole project."""
    year: int | None
    """Of documents only."""


class GraphEdge(BaseModel):
    id: UUID
    kind: str
    source: UUID
    target: UUID
    weight: float | None
    """MENTIONS: how often. CO_OCCURS_WITH: in how many documents. SIMILAR_TO: cosine. STATES: in how many
    passages, and relations between what is stated: in how many documents. Null for what simply is so."""


class Subgraph(BaseModel):
    """Nodes with edges among them."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]
    truncated: bool
    """There is more than the limit let in."""


async def draw_best_connected(
    connection: Connection, project: str, kinds: Collection[str] | None, limit: int
) -> Subgraph:
    """The nodes of these kinds with the most edges, and all edges among them."""
    cursor = await connection.execute(
        f"""
        with tied as (
            select id, count(*) as degree from (
                select source_id as id from edges where project = %(project)s
                union all
                select target_id from edges where project = %(project)s
            ) as ends group by id
        )
        select id, kind, name, year, coalesce(degree, 0) as degree from ({_OF_KINDS}) as named left join tied using (id)
        order by degree desc, id limit %(limit)s
        """,
        {"project": project, "kinds": _listed(kinds), "limit": limit + 1},
    )
    rows = await cursor.fetchall()
    nodes = [GraphNode(**row) for row in rows[:limit]]
    edges, cut = await _edges_among(connection, project, nodes)
    return Subgraph(nodes=nodes, edges=edges, truncated=len(rows) > limit or cut)


async def draw_around(
    connection: Connection, project: str, focus: UUID, depth: int, kinds: Collection[str] | None, limit: int
) -> Subgraph | None:
    """The focus, then what of these kinds lies within `depth` edges of it, nearest first; None if there is no focus.

    A step leads only through nodes that are drawn.
    """
    nodes = await _nodes(connection, project, [focus])
    if not nodes:
        return None
    ring, truncated = nodes, False
    for _ in range(depth):
        beyond = await _beyond(connection, project, ring, nodes, kinds, limit - len(nodes) + 1)
        truncated = len(beyond) > limit - len(nodes)
        ring = beyond[: limit - len(nodes)]
        nodes = nodes + ring
        if truncated or not ring:
            break
    edges, cut = await _edges_among(connection, project, nodes)
    return Subgraph(nodes=nodes, edges=edges, truncated=truncated or cut)


async def neighbours(
    connection: Connection, project: str, node: UUID, kinds: Collection[str] | None, limit: int
) -> Subgraph | None:
    """The node, then what it is tied to, with the edges that tie it; None if there is no such node.

    What simply is so (authors, tags) goes first, then the heaviest, then the best connected.
    """
    centre = await _nodes(connection, project, [node])
    if not centre:
        return None
    cursor = await connection.execute(
        f"""
        with ties as (
            select target_id as other, weight from edges where project = %(project)s and source_id = %(id)s
            union all
            select source_id, weight from edges where project = %(project)s and target_id = %(id)s
        ), others as (
            select other as id, max(coalesce(weight, 'infinity')) as weight from ties group by other
        )
        select named.id, kind, name, year, {_DEGREE} as degree from ({_OF_KINDS}) as named join others using (id)
        where id <> %(id)s order by weight desc, degree desc, id limit %(limit)s
        """,
        {"project": project, "id": node, "kinds": _listed(kinds), "limit": limit + 1},
    )
    rows = await cursor.fetchall()
    others = [GraphNode(**row) for row in rows[:limit]]
    cursor = await connection.execute(
        """
        select edge_id as id, kind, source_id as source, target_id as target, weight from edges
        where project = %(project)s and (
            (source_id = %(id)s and target_id = any(%(others)s)) or (target_id = %(id)s and source_id = any(%(others)s))
        ) order by kind, edge_id
        """,
        {"project": project, "id": node, "others": [other.id for other in others]},
    )
    edges = [GraphEdge(**row) for row in await cursor.fetchall()]
    return Subgraph(nodes=centre + others, edges=edges, truncated=len(rows) > limit)


async def _nodes(connection: Connection, project: str, ids: Iterable[UUID]) -> list[GraphNode]:
    cursor = await connection.execute(
        f"select id, kind, name, year, {_DEGREE} as degree from ({_OF_IDS}) as named",
        {"project": project, "ids": list(ids)},
    )
    return [GraphNode(**row) for row in await cursor.fetchall()]


async def _beyond(
    connection: Connection,
    project: str,
    ring: Collection[GraphNode],
    drawn: Collection[GraphNode],
    kinds: Collection[str] | None,
    limit: int,
) -> list[GraphNode]:
    """The nodes one step from the ring that are not drawn yet."""
    cursor = await connection.execute(
        f"""
        with others as (
            select target_id as id from edges where project = %(project)s and source_id = any(%(ring)s)
            union
            select source_id from edges where project = %(project)s and target_id = any(%(ring)s)
        ), tied as (
            select id, count(*) as degree from (
                select source_id as id from edges where project = %(project)s and source_id in (select id from others)
                union all
                select target_id from edges where project = %(project)s and target_id in (select id from others)
            ) as ends group by id
        )
        select id, kind, name, year, degree from ({_OF_KINDS}) as named join tied using (id)
        where id <> all(%(drawn)s) order by degree desc, id limit %(limit)s
        """,
        {
            "project": project,
            "ring": [node.id for node in ring],
            "drawn": [node.id for node in drawn],
            "kinds": _listed(kinds),
            "limit": limit,
        },
    )
    return [GraphNode(**row) for row in await cursor.fetchall()]


async def _edges_among(
    connection: Connection, project: str, nodes: Collection[GraphNode]
) -> tuple[list[GraphEdge], bool]:
    """Edges with both ends among the nodes, the heaviest first; and whether some were left out."""
    cursor = await connection.execute(
        """
        select edge_id as id, kind, source_id as source, target_id as target, weight from edges
        where project = %(project)s and source_id = any(%(ids)s) and target_id = any(%(ids)s)
        order by weight desc, edge_id limit %(limit)s
        """,
        {"project": project, "ids": [node.id for node in nodes], "limit": MOST_EDGES + 1},
    )
    rows = await cursor.fetchall()
    return [GraphEdge(**row) for row in rows[:MOST_EDGES]], len(rows) > MOST_EDGES


def _listed(kinds: Collection[str] | None) -> list[str] | None:
    return list(kinds) if kinds else None
