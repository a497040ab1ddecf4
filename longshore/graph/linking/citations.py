"""CITES: a DOI in a document's reference list that another document of the project has."""

from __future__ import annotations

from longshore.graph.db import Connection
from longshore.graph.linking.derived import Bucket, DerivedEdge, replace_edges


async def link_citations(connection: Connection, project: str, bucket: Bucket) -> None:
    cursor = await connection.execute(
        "select distinct d.document_id as citing, cited.document_id as cited "
        "from document_parts d join parts p using (project, part_id) cross join unnest(p.cited_dois) as named (doi) "
        "join documents cited on cited.project = d.project and cited.doi = named.doi "
        "where d.project = %s and cited.document_id <> d.document_id and " + bucket.condition("d.document_id"),
        (project,),
    )
    edges = [
        DerivedEdge("CITES", row["citing"], row["cited"], None, (row["citing"],)) for row in await cursor.fetchall()
    ]
    await replace_edges(connection, project, "link:citations", bucket, edges)
