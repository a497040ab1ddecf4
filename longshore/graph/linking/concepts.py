"""Concepts: which term means which, who mentions them, and which go together."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations, groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from longshore.extraction.resolution import TermStats, document_frequency_limits, resolve
from longshore.graph.db import Connection
from longshore.graph.keys import node_id
from longshore.graph.linking.derived import Bucket, DerivedEdge, replace_edges

PAIRED_PER_DOCUMENT = 8
DOCUMENTS_PER_PAIR = 2

# A text that this extractor has not searched keeps what another one found: an upgrade takes nothing away.
_MENTIONS = """
    with seen as (
        select distinct document_id, part_id from document_parts d where d.project = %(project)s and {condition}
    ), mentioned as (
        select seen.document_id, m.term, m.surface, m.count, m.score
        from seen cross join lateral (
            select mentions from extractions
            where project = %(project)s and part_id = seen.part_id
            order by extractor = %(extractor)s desc, extractor collate "C" desc limit 1
        ) e
        cross join jsonb_to_recordset(e.mentions) as m (term text, surface text, count int, score float8)
    )
"""


async def resolve_terms(connection: Connection, project: str, extractor: str) -> None:
    """Decide anew, over all terms of the project, which concept each of them means."""
    terms = await _term_stats(connection, project, extractor)
    resolved = await asyncio.to_thread(resolve, terms)
    rows = [
        (project, term, node_id("Concept", concept.key), concept.key, concept.name)
        for term, concept in sorted(resolved.items())
    ]
    await connection.execute("delete from concept_terms where project = %s", (project,))
    async with (
        connection.cursor() as writer,
        writer.copy("copy concept_terms (project, term, node_id, key, name) from stdin") as copy,
    ):
        for row in rows:
            await copy.write_row(row)
    await _drop_rare_and_common(connection, project, extractor)


async def link_mentions(connection: Connection, project: str, bucket: Bucket, extractor: str, most: int) -> None:
    """MENTIONS, from each document to its best-scored concepts; the weight is how often it names them."""
    cursor = await connection.execute(
        _MENTIONS.format(condition=bucket.condition("d.document_id"))
        + """
        , scored as (
            select m.document_id, t.node_id, min(t.key) as key, min(t.name) as name,
                   sum(m.count) as count, sum(m.score) as score
            from mentioned m join concept_terms t on t.project = %(project)s and t.term = m.term
            group by m.document_id, t.node_id
        )
        select document_id, node_id, key, name, count, rank from (
            select *, row_number() over (partition by document_id order by round(score::numeric, 6) desc, node_id)
                as rank from scored) ranked
        where rank <= %(most)s order by document_id, rank
        """,
        {"project": project, "extractor": extractor, "most": most},
    )
    rows = await cursor.fetchall()
    async with connection.cursor() as writer:
        await writer.executemany(
            "insert into nodes (project, node_id, kind, key, name) values (%s, %s, 'Concept', %s, %s) "
            "on conflict (project, node_id) do update set name = excluded.name where nodes.name <> excluded.name",
            sorted({(project, row["node_id"], row["key"], row["name"]) for row in rows}),
        )
    edges = [
        DerivedEdge("MENTIONS", row["document_id"], row["node_id"], float(row["count"]), (row["document_id"],))
        for row in rows
    ]
    await replace_edges(
        connection,
        project,
        "link:mentions",
        bucket,
        edges,
        nodes={(row["node_id"], row["document_id"]) for row in rows},
    )


async def link_co_occurrences(connection: Connection, project: str, bucket: Bucket, partners: int) -> None:
    """CO_OCCURS_WITH, between concepts that at least two documents name together; the weight is their number.

    A document pairs its most named concepts only, and a concept keeps its most frequent partners: never all pairs.
    """
    cursor = await connection.execute(
        """
        select source_id as document_id, target_id as node_id from (
            select source_id, target_id,
                   row_number() over (partition by source_id order by weight desc, target_id) as rank
            from edges where project = %s and kind = 'MENTIONS') ranked
        where rank <= %s order by source_id, target_id
        """,
        (project, PAIRED_PER_DOCUMENT),
    )
    edges = await asyncio.to_thread(_paired, await cursor.fetchall(), partners)
    await replace_edges(connection, project, "link:co-occurrences", bucket, edges)


def _paired(rows: Sequence[DictRow], partners: int) -> list[DerivedEdge]:
    """Args: rows: document_id and node_id, sorted by both."""
    together: defaultdict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for document, group in groupby(rows, key=itemgetter("document_id")):
        for pair in combinations([row["node_id"] for row in group], 2):
            together[pair].append(document)
    return [
        DerivedEdge("CO_OCCURS_WITH", *pair, float(len(together[pair])), tuple(together[pair]))
        for pair in _capped({pair: len(documents) for pair, documents in together.items()}, partners)
    ]


def _capped(pairs: dict[tuple[UUID, UUID], int], most: int) -> list[tuple[UUID, UUID]]:
    kept: list[tuple[UUID, UUID]] = []
    partners: Counter[UUID] = Counter()
    for pair, documents in sorted(pairs.items(), key=lambda entry: (-entry[1], entry[0])):
        if documents >= DOCUMENTS_PER_PAIR and all(partners[end] < most for end in pair):
            kept.append(pair)
            partners.update(pair)
    return kept


async def _term_stats(connection: Connection, project: str, extractor: str) -> list[TermStats]:
    cursor = await connection.execute(
        _MENTIONS.format(condition="true")
        + """
        , spelled as (
            select term, surface, sum(count) as count from mentioned group by term, surface
        ), spread as (
            select term, count(distinct document_id) as documents, sum(count) as count from mentioned group by term
        )
        select spread.term, spread.documents, spread.count,
               (select surface from spelled where spelled.term = spread.term
                order by spelled.count desc, surface collate "C" limit 1) as surface
        from spread order by spread.term collate "C"
        """,
        {"project": project, "extractor": extractor},
    )
    return [TermStats(**row) for row in map(_numbers, await cursor.fetchall())]


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "count": int(row["count"])}


async def _drop_rare_and_common(connection: Connection, project: str, extractor: str) -> None:
    cursor = await connection.execute("select count(*) as documents from documents where project = %s", (project,))
    row = await cursor.fetchone()
    fewest, most = document_frequency_limits(int(row["documents"]) if row else 0)
    await connection.execute(
        _MENTIONS.format(condition="true")
        + """
        delete from concept_terms t using (
            select c.node_id from mentioned m join concept_terms c on c.project = %(project)s and c.term = m.term
            group by c.node_id having count(distinct m.document_id) not between %(fewest)s and %(most)s
        ) dropped where t.project = %(project)s and t.node_id = dropped.node_id
        """,
        {"project": project, "extractor": extractor, "fewest": fewest, "most": most},
    )
