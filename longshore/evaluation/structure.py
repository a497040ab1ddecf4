"""How a graph hangs together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from longshore.graph.db import Connection

_DIGITS = 4


@dataclass(frozen=True)
class Structure:
    documents: int
    passages: int
    concepts: int
    nodes: int
    """Of every kind but documents."""
    edges: int
    components: int
    """Sets of documents and nodes that edges join, whichever way they point."""
    largest_share: float
    """Of documents and nodes, those in the largest component."""
    orphans: int
    """Documents and nodes without an edge."""
    evidence: float
    """Of the statements that a document mentions a concept, those that one of its passages bears out word for word."""
    mentions: int
    """How many such statements there are."""


async def measure(connection: Connection, project: str, extractor: str) -> Structure:
    sizes = await _sizes(connection, project)
    mentions, borne_out = await _evidence(connection, project, extractor)
    components, largest, orphans = await _components(connection, project)
    ends = sizes["documents"] + sizes["nodes"]
    return Structure(
        **sizes,
        components=components,
        largest_share=round(largest / ends, _DIGITS) if ends else 0.0,
        orphans=orphans,
        evidence=round(borne_out / mentions, _DIGITS) if mentions else 0.0,
        mentions=mentions,
    )


async def _sizes(connection: Connection, project: str) -> dict[str, int]:
    cursor = await connection.execute(
        """
        select (select count(*) from documents where project = %(project)s) as documents,
               (select count(*) from chunks c where c.project = %(project)s and exists
                  (select from document_parts d where d.project = c.project and d.part_id = c.part_id)) as passages,
               (select count(*) from nodes where project = %(project)s and kind = 'Concept') as concepts,
               (select count(*) from nodes where project = %(project)s) as nodes,
               (select count(*) from edges where project = %(project)s) as edges
        """,
        {"project": project},
    )
    return dict(await cursor.fetchone() or {})


async def _components(connection: Connection, project: str) -> tuple[int, int, int]:
    """How many components there are, the size of the largest, and how many hold one end only.

    By disjoint sets with path halving (Tarjan and van Leeuwen, 1984); edges are streamed.
    """
    cursor = await connection.execute(
        "select document_id as id from documents where project = %(project)s "
        "union all select node_id from nodes where project = %(project)s",
        {"project": project},
    )
    parent: dict[UUID, UUID] = {row["id"]: row["id"] for row in await cursor.fetchall()}

    def root(of: UUID) -> UUID:
        while parent[of] != of:
            parent[of] = of = parent[parent[of]]
        return of

    async with connection.cursor(name="edges_of_graph") as reader:
        await reader.execute("select source_id, target_id from edges where project = %s", (project,))
        async for row in reader:
            if row["source_id"] in parent and row["target_id"] in parent:
                first, second = sorted((root(row["source_id"]), root(row["target_id"])))
                parent[second] = first
    sizes = Counter(root(end) for end in parent)
    return len(sizes), max(sizes.values(), default=0), sum(size == 1 for size in sizes.values())


async def _evidence(connection: Connection, project: str, extractor: str) -> tuple[int, int]:
    """How many mentions the graph states, and how many of them stand in a passage as the text spells them."""
    cursor = await connection.execute(
        """
        with stated as (
            select source_id as document_id, target_id as node_id from edges
            where project = %(project)s and kind = 'MENTIONS'
        ), spelled as (
            select distinct d.document_id, t.node_id, lower(m.surface) as surface
            from (select distinct document_id, part_id from document_parts where project = %(project)s) d
            join extractions e on e.project = %(project)s and e.part_id = d.part_id and e.extractor = %(extractor)s
            cross join jsonb_to_recordset(e.mentions) as m (term text, surface text)
            join concept_terms t on t.project = %(project)s and t.term = m.term
        ), borne_out as (
            select distinct s.document_id, s.node_id from stated s join spelled using (document_id, node_id)
            where exists (
                select from document_parts p join chunks c using (project, part_id)
                where p.project = %(project)s and p.document_id = s.document_id
                  and strpos(regexp_replace(lower(c.text), '\\s+', ' ', 'g'), spelled.surface) > 0)
        )
        select (select count(*) from stated) as stated, (select count(*) from borne_out) as borne_out
        """,
        {"project": project, "extractor": extractor},
    )
    row = await cursor.fetchone()
    return (int(row["stated"]), int(row["borne_out"])) if row else (0, 0)
