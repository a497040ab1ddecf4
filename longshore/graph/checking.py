"""What in the store contradicts itself, told from the rows alone; and what of it can be put right without a loss.

Nothing here is ever found after a kill or a crash, for what belongs together commits together. It is found where rows
were changed by hand, a disk or a restored copy lost some, or an import ended before it came to the relations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from longshore.graph import keys
from longshore.graph.db import Connection
from longshore.graph.linking.derived import sweep
from longshore.graph.records import abandon_pending

EXAMPLES = 5

_QUIET = "not exists (select from imports q where q.project = {}.project and q.outcome is null)"
"""An import that runs has things in the store that do not fit together yet."""
_NOWHERE = """
    (not exists (select from nodes n where n.project = e.project and n.node_id = e.{0})
     and not exists (select from documents d where d.project = e.project and d.document_id = e.{0}))
"""
_DANGLING_EDGE = f"({_NOWHERE.format('source_id')} or {_NOWHERE.format('target_id')})"
_DANGLING_PROVENANCE = """
    ((not exists (select from nodes n where n.project = p.project and n.node_id = p.subject_id)
      and not exists (select from edges e where e.project = p.project and e.edge_id = p.subject_id))
     or not exists (select from documents d where d.project = p.project and d.document_id = p.document_id))
"""
_USUAL_SIZES = """
    usual as (select model, mode() within group (order by vector_dims(vector)) as dims
              from embeddings where vector is not null group by model)
"""
_PENDING = "i.state = 'pending' and m.outcome is not null"

_QUERIES: Mapping[str, str] = {
    "items_left_pending": f"""
        select i.project, i.import_id || ', item ' || i.ordinal as subject
        from import_items i join imports m using (project, import_id) where {_PENDING}
    """,
    "documents_unasserted": """
        select d.project, d.title || ' (' || d.identity || ')' as subject from documents d
        where not exists (select from items i where i.project = d.project and i.document_id = d.document_id)
    """,
    "edges_dangling": f"select e.project, e.kind || ' ' || e.edge_id as subject from edges e where {_DANGLING_EDGE}",
    "provenance_dangling": f"select p.project, p.origin as subject from provenance p where {_DANGLING_PROVENANCE}",
    "graph_unasserted": f"""
        select n.project, n.kind || ' ' || n.name as subject from nodes n where {_QUIET.format("n")}
          and not exists (select from provenance p where p.project = n.project and p.subject_id = n.node_id)
        union all
        select e.project, e.kind || ' ' || e.edge_id from edges e where {_QUIET.format("e")}
          and not exists (select from provenance p where p.project = e.project and p.subject_id = e.edge_id)
    """,
    "passages_without_vector": f"""
        select distinct d.project, d.source_key || ': ' || d.label as subject
        from document_parts d join chunks c using (project, part_id) where {_QUIET.format("d")}
          and not exists (select from embeddings e where e.text_hash = c.text_hash)
    """,
    "vectors_of_wrong_size": f"""
        with {_USUAL_SIZES}
        select e.model as project, e.text_hash || ' has ' || vector_dims(e.vector) || ' dimensions' as subject
        from embeddings e join usual u using (model) where vector_dims(e.vector) <> u.dims
        union all
        select v.model, v.document_id || ' has ' || length(v.vector) || ' dimensions'
        from document_vectors v join usual u using (model) where length(v.vector) <> u.dims
    """,
    "vectors_without_direction": """
        select model as project, text_hash::text as subject from embeddings where l2_norm(vector) = 0
    """,
    "deletions_unfinished": """
        select project, 'since ' || deleting_at::text as subject from projects
        where deleting_at < now() - interval '1 hour'
    """,
    "indexes_invalid": """
        select n.nspname as project, c.relname as subject from pg_index i join pg_class c on c.oid = i.indexrelid
        join pg_namespace n on n.oid = c.relnamespace where not i.indisvalid
    """,
    "texts_unshown": f"""
        select p.project, p.sha256 as subject from parts p where p.code is null and {_QUIET.format("p")}
          and not exists (select from document_parts d where d.project = p.project and d.part_id = p.part_id)
    """,
}


_FAMILY = "(i.project = %(project)s or i.project like %(project)s || '~%%')"
"""The project and the spaces beside it, which have its files."""
_REFERENCED = f"""
    select a->>'sha256' as sha256, source_key || ': ' || coalesce(a->>'path', a->>'title', '') as said_by
    from (
        select source_key, payload from items i where {_FAMILY}
        union all
        select m.source_key, i.payload from import_items i join imports m using (project, import_id)
        where {_FAMILY} and m.outcome is null and i.state = 'pending'
    ) asserted, jsonb_array_elements(payload->'attachments') a
    where a->>'sha256' is not null
    union all
    select manifest, import_id || ': its list of files' from (
        select import_id, unnest(array[submission->>'manifest', manifest]) as manifest from imports i
        where {_FAMILY} and outcome is null) open_imports
    where manifest <> ''
"""
"""Files that something in the store names, with what does: of the graph, and of imports that run."""


@dataclass(frozen=True)
class Contradiction:
    """One kind, with some of its cases."""

    code: str
    count: int
    examples: list[str]


async def find_contradictions(connection: Connection) -> list[Contradiction]:
    """Every kind that there is any case of, each as of one moment."""
    found = []
    for code, query in _QUERIES.items():
        cursor = await connection.execute(
            f"select count(*) over () as cases, project, subject from ({query}) cases "
            f"order by project, subject limit {EXAMPLES}".encode()
        )
        if rows := await cursor.fetchall():
            examples = [f"{row['project']}: {row['subject']}" for row in rows]
            found.append(Contradiction(code, int(rows[0]["cases"]), examples))
    return found


async def find_missing_files(connection: Connection, project: str, stored: Iterable[str]) -> Contradiction | None:
    """Files that the store names and that are not among those that are `stored`."""
    await connection.execute("create temporary table stored_files (sha256 text)")
    async with connection.cursor() as writer, writer.copy("copy stored_files from stdin") as copy:
        for sha256 in stored:
            await copy.write_row((sha256,))
    cursor = await connection.execute(
        f"select count(*) over () as cases, sha256, min(said_by) as said_by from ({_REFERENCED}) named "
        "where not exists (select from stored_files s where s.sha256 = named.sha256) group by sha256 "
        f"order by said_by, sha256 limit {EXAMPLES}".encode(),
        {"project": project},
    )
    rows = await cursor.fetchall()
    await connection.rollback()
    if not rows:
        return None
    examples = [f"{project}: {row['said_by']} ({row['sha256'][:12]}…)" for row in rows]
    return Contradiction("files_missing", int(rows[0]["cases"]), examples)


async def settle_pending(connection: Connection) -> int:
    """Settle what ended imports have not reached; how many imports."""
    cursor = await connection.execute(
        "select distinct i.project, i.import_id from import_items i "
        f"join imports m using (project, import_id) where {_PENDING} order by 1, 2"
    )
    ended = await cursor.fetchall()
    for row in ended:
        await abandon_pending(connection, row["project"], row["import_id"], "import_failed")
    return len(ended)


async def delete_dangling(connection: Connection) -> int:
    """Delete edges that lead nowhere, and provenance of nothing; how many rows."""
    edges = await connection.execute(f"delete from edges e where {_DANGLING_EDGE}".encode())
    provenance = await connection.execute(f"delete from provenance p where {_DANGLING_PROVENANCE}".encode())
    return edges.rowcount + provenance.rowcount


async def sweep_graph(connection: Connection) -> int:
    """Sweep each project in which nothing is imported just now, alone in it; how many projects."""
    cursor = await connection.execute(f"select project from projects p where {_QUIET.format('p')} order by 1".encode())
    projects = [row["project"] for row in await cursor.fetchall()]
    for project in projects:
        await keys.own_project(connection, project)
        await sweep(connection, project)
        await connection.commit()
    return len(projects)


async def forget_misfits(connection: Connection) -> int:
    """Delete vectors of another size than the others of their model; how many."""
    vectors = await connection.execute(
        f"with {_USUAL_SIZES} delete from embeddings e using usual u "
        "where u.model = e.model and vector_dims(e.vector) <> u.dims".encode()
    )
    places = await connection.execute(
        f"with {_USUAL_SIZES} delete from document_vectors v using usual u "
        "where u.model = v.model and length(v.vector) <> u.dims".encode()
    )
    return vectors.rowcount + places.rowcount


async def forget_directions(connection: Connection) -> int:
    """Keep vectors of zeros as null, as what writes them does; how many."""
    cursor = await connection.execute("update embeddings set vector = null where l2_norm(vector) = 0")
    return cursor.rowcount


MENDS: Mapping[str, Callable[[Connection], Awaitable[int]]] = {
    "items_left_pending": settle_pending,
    "edges_dangling": delete_dangling,
    "provenance_dangling": delete_dangling,
    "graph_unasserted": sweep_graph,
    "vectors_of_wrong_size": forget_misfits,
    "vectors_without_direction": forget_directions,
}
"""What changes rows, in the caller's transaction, so that a kind of contradiction is gone; it can be run again."""
