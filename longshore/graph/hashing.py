"""A digest of a project's graph, for telling whether two imports made the same one.

Each set is a SHA-256 over its canonical lines in the order of their bytes. The lines hold content alone: no ids, no
times, nothing that two imports of the same cargo could differ in.
"""

from __future__ import annotations

import hashlib

from longshore.graph.db import Connection

_NAMED = """
    with named as (
        select document_id as id, 'Document ' || identity as name from documents where project = %(project)s
        union all
        select node_id, kind || ' ' || key from nodes where project = %(project)s
    ), tied as (
        select e.edge_id as id, e.weight,
               e.kind || E'\\x1e' || source.name || E'\\x1e' || target.name as name
        from edges e join named source on source.id = e.source_id join named target on target.id = e.target_id
        where e.project = %(project)s
    )
"""

_LINES = {
    "documents": """
        select jsonb_build_array(identity, kind, title, year, doi, metadata)::text as line
        from documents where project = %(project)s
    """,
    "chunks": """
        select jsonb_build_array(o.identity, d.kind, p.sha256, c.ordinal, c.start_offset, c.end_offset, c.page,
                                 c.first_line, c.last_line, c.heading, c.text)::text as line
        from (select distinct project, document_id, part_id, kind from document_parts) d
        join documents o using (project, document_id) join parts p using (project, part_id)
        join chunks c using (project, part_id) where d.project = %(project)s
    """,
    "vectors": """
        select jsonb_build_array(e.model, c.text, e.vector::text)::text as line
        from (select distinct c.text_hash, c.text from chunks c join document_parts d using (project, part_id)
              where c.project = %(project)s) c join embeddings e using (text_hash)
    """,
    "nodes": "select jsonb_build_array(kind, key, name)::text as line from nodes where project = %(project)s",
    "edges": _NAMED + "select jsonb_build_array(name, weight)::text as line from tied",
    "provenance": _NAMED
    + """
        select jsonb_build_array(subject.name, document.name, p.origin)::text as line from provenance p
        join (select id, name from named union all select id, name from tied) subject on subject.id = p.subject_id
        join named document on document.id = p.document_id where p.project = %(project)s
    """,
}


async def graph_hash(connection: Connection, project: str) -> dict[str, str]:
    """SHA-256 in hex of each set: documents, chunks, vectors, nodes, edges, provenance."""
    digests = {}
    for name, lines in _LINES.items():
        digest = hashlib.sha256()
        async with connection.cursor(name=f"hash_{name}") as reader:
            await reader.execute(f'select line from ({lines}) l order by line collate "C"', {"project": project})
            async for row in reader:
                digest.update(row["line"].encode())
                digest.update(b"\n")
        digests[name] = digest.hexdigest()
    return digests


def overall(digests: dict[str, str]) -> str:
    """One digest over those of the sets."""
    joined = "\n".join(f"{name} {digest}" for name, digest in sorted(digests.items()))
    return hashlib.sha256(joined.encode()).hexdigest()
