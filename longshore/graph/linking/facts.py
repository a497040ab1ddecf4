"""What passages state, as a language model reads them: STATES, from documents, and relations between what is stated."""

from __future__ import annotations

from longshore.graph.db import Connection
from longshore.graph.linking.derived import Bucket, DerivedEdge, replace_edges

_ORIGIN = "link:facts"
_STATED = """
    with stated as (
        select d.document_id, f.subject_id, f.kind, f.key, f.name, f.source_id, f.target_id, c.text_hash
        from (select distinct document_id, part_id from document_parts where project = %(project)s) d
        join chunks c on c.project = %(project)s and c.part_id = d.part_id
        join shown_facts f on f.project = c.project and f.text_hash = c.text_hash
        where {condition}
    )
"""


async def link_facts(connection: Connection, project: str, bucket: Bucket) -> None:
    """STATES, from each document to what its passages state; the weight is the number of passages. A relation's weight
    is the number of documents that state it.

    Names of nodes and weights of relations are taken over all documents, so that they do not depend on the buckets.
    """
    mine = _STATED.format(condition=bucket.condition("d.document_id"))
    await _name_nodes(connection, project, mine)
    edges = [*await _states(connection, project, mine), *await _relations(connection, project, mine)]
    stated = {(edge.target, edge.source) for edge in edges if edge.kind == "STATES"}
    await replace_edges(connection, project, _ORIGIN, bucket, edges, nodes=stated)
    await connection.execute(
        "update projects set facts_linked = facts_by where project = %s and facts_linked is distinct from facts_by",
        (project,),
    )


async def _name_nodes(connection: Connection, project: str, mine: str) -> None:
    """A node is called what most documents call it; a concept that is also found offline keeps the name from there."""
    await connection.execute(
        mine
        + """
        , wanted as (select distinct subject_id from stated where key is not null), called as (
            select f.subject_id, f.kind, f.key, f.name, count(distinct d.document_id) as times
            from wanted w join shown_facts f on f.project = %(project)s and f.subject_id = w.subject_id
            join chunks c on c.project = %(project)s and c.text_hash = f.text_hash
            join document_parts d on d.project = %(project)s and d.part_id = c.part_id
            group by f.subject_id, f.kind, f.key, f.name
        )
        insert into nodes (project, node_id, kind, key, name)
        select distinct on (subject_id) %(project)s, subject_id, kind, key, name from called
        order by subject_id, times desc, name collate "C"
        on conflict (project, node_id) do update set name = excluded.name
        where nodes.name <> excluded.name and not exists (select from provenance p
            where p.project = nodes.project and p.subject_id = nodes.node_id and p.origin = 'link:mentions')
        """,
        {"project": project},
    )


async def _states(connection: Connection, project: str, mine: str) -> list[DerivedEdge]:
    cursor = await connection.execute(
        mine
        + """
        select document_id, subject_id, count(distinct text_hash) as passages from stated where key is not null
        group by document_id, subject_id order by document_id, subject_id
        """,
        {"project": project},
    )
    return [
        DerivedEdge("STATES", row["document_id"], row["subject_id"], float(row["passages"]), (row["document_id"],))
        for row in await cursor.fetchall()
    ]


async def _relations(connection: Connection, project: str, mine: str) -> list[DerivedEdge]:
    cursor = await connection.execute(
        mine
        + """
        , related as (
            select subject_id, kind, source_id, target_id, array_agg(distinct document_id) as documents
            from stated where source_id is not null group by subject_id, kind, source_id, target_id
        )
        select r.*, (
            select count(distinct d.document_id) from shown_facts f
            join chunks c on c.project = %(project)s and c.text_hash = f.text_hash
            join document_parts d on d.project = %(project)s and d.part_id = c.part_id
            where f.project = %(project)s and f.subject_id = r.subject_id) as weight
        from related r order by r.subject_id
        """,
        {"project": project},
    )
    return [
        DerivedEdge(
            row["kind"], row["source_id"], row["target_id"], float(row["weight"]), tuple(sorted(row["documents"]))
        )
        for row in await cursor.fetchall()
    ]
