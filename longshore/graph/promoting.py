"""Promoting a variant: what its space holds becomes what the project serves, in one transaction.

Nothing is read, cut or embedded again: rows change their project. Readers see the graph of before until the commit and
that of the variant after it. The project takes over the variant's settings too, so that what is imported later fits.
"""

from __future__ import annotations

from longshore.errors import LongshoreError
from longshore.graph import keys
from longshore.graph.comparisons import find_comparison
from longshore.graph.db import Connection
from longshore.graph.sharing import columns_of

_GRAPH = (
    "provenance",
    "edges",
    "nodes",
    "concept_terms",
    "document_parts",
    "items",
    "document_vectors",
    "documents",
    "fallback_answers",
)
"""What the project served, in an order that leaves nothing dangling."""
OWNERS = ("sources", "imports", "documents", "parts", "items")
"""What other rows refer to: copied, so that these can follow, in an order in which each finds what it refers to."""
TEXTS = ("chunks", "extractions")
"""What comes with the texts, which the project may have already."""
FOLLOWERS = (
    "import_items",
    "item_versions",
    "provider_usage",
    "fallback_answers",
    "document_parts",
    "nodes",
    "edges",
    "provenance",
    "concept_terms",
    "document_vectors",
)
_SETTINGS_NOT_TAKEN = ("project", "created_at", "name", "deleting_at")


async def promote(connection: Connection, project: str, comparison_id: str, variant: str) -> None:
    """Let the project serve a variant, in the caller's transaction. A second call changes nothing.

    Raises:
        LongshoreError: `promotion_refused`, with what stands in the way.
    """
    # As one that opens an import holds it, so that none does meanwhile.
    await connection.execute("select from projects where project = %s for update", (project,))
    row = await find_comparison(connection, project, comparison_id)
    if row is None:
        raise _refused("there is no such comparison", "`longshore compare list` names them.")
    if row.promoted == variant:
        return
    chosen = next((entry for entry in (row.record or {}).get("variants", ()) if entry["name"] == variant), None)
    if chosen is None or chosen["state"] != "succeeded" or row.promoted:
        raise _refused(
            f"the variant {variant} has not succeeded, or another one has been promoted",
            "`longshore compare show` shows where each of them stands.",
        )
    space: str = chosen["space"]
    await _check_fit(connection, project, space, row.request["submission"]["source_key"], comparison_id)
    for one in sorted((project, space)):
        await keys.own_project(connection, one)
    await _replace(connection, project, space)
    await connection.execute(
        "update comparisons set promoted = %s, promoted_at = now() where project = %s and comparison_id = %s",
        (variant, project, comparison_id),
    )


async def _check_fit(connection: Connection, project: str, space: str, source_key: str, comparison_id: str) -> None:
    """The project must serve nothing that the variant does not have, or would have otherwise by now."""
    # One that began before the comparison may have changed the project after it.
    cursor = await connection.execute(
        "select count(*) filter (where outcome is null) as open, count(*) filter (where outcome is not null "
        "and greatest(opened_at, closed_at) > "
        "(select opened_at from comparisons where project = %(project)s and comparison_id = %(id)s) "
        "and (record->'items'->>'added')::int + (record->'items'->>'changed')::int "
        "+ (record->'items'->>'removed')::int > 0) as later from imports where project = %(project)s",
        {"project": project, "id": comparison_id},
    )
    found = await cursor.fetchone()
    if found and found["open"]:
        raise _refused(f"an import into {project} is under way", "Wait for it, or cancel it; then compare again.")
    if found and found["later"]:
        raise _refused(f"{project} has changed since the comparison began", "Compare again.")
    cursor = await connection.execute(
        "select source_key from items where project = %s and source_key <> %s limit 1", (project, source_key)
    )
    if other := await cursor.fetchone():
        raise _refused(
            f"{project} also serves {other['source_key']}, which the comparison has not imported",
            "A project whose only source is the one that was compared can be given a variant.",
        )


async def _replace(connection: Connection, project: str, space: str) -> None:
    both = {"project": project, "space": space}
    for table in _GRAPH:
        await connection.execute(f"delete from {table} where project = %(project)s".encode(), both)
    for table in OWNERS:
        columns = ", ".join(await columns_of(connection, table))
        await connection.execute(
            f"insert into {table} (project, {columns}) select %(project)s, {columns} from {table} "
            "where project = %(space)s on conflict do nothing".encode(),
            both,
        )
    for table in TEXTS:
        # A text that the project had already has its passages.
        await connection.execute(
            f"update {table} t set project = %(project)s where t.project = %(space)s and not exists "
            f"(select from {table} had where had.project = %(project)s and had.part_id = t.part_id)".encode(),
            both,
        )
    for table in FOLLOWERS:
        await connection.execute(f"update {table} set project = %(project)s where project = %(space)s".encode(), both)
    await connection.execute(
        "update imports set submission = jsonb_set(submission, '{project}', to_jsonb(%(project)s::text)), "
        "record = jsonb_set(record, '{project}', to_jsonb(%(project)s::text)) "
        "where project = %(project)s and submission->>'project' = %(space)s",
        both,
    )
    settings = [name for name in await columns_of(connection, "projects") if name not in _SETTINGS_NOT_TAKEN]
    taken = ", ".join(f"{name} = s.{name}" for name in settings)
    await connection.execute(
        f"update projects p set {taken} from projects s "
        "where p.project = %(project)s and s.project = %(space)s".encode(),
        both,
    )
    await _drop_unshown(connection, project)
    await connection.execute("delete from items where project = %(space)s", both)
    await connection.execute("delete from projects where project = %(space)s", both)


async def _drop_unshown(connection: Connection, project: str) -> None:
    """Texts that no document shows any more, and with the last passage of a text its vectors, which nobody owns."""
    await keys.may_delete_derived(connection)
    await connection.execute(
        "create temporary table unshown on commit drop as select part_id from parts p where p.project = %s "
        "and p.code is null and not exists (select from document_parts d "
        "where d.project = p.project and d.part_id = p.part_id)",
        (project,),
    )
    await connection.execute(
        "create temporary table unshown_texts on commit drop as select distinct text_hash from chunks "
        "where project = %s and part_id in (select part_id from unshown)",
        (project,),
    )
    await connection.execute(
        "delete from parts where project = %s and part_id in (select part_id from unshown)", (project,)
    )
    await connection.execute(
        "delete from embeddings e using unshown_texts t where e.text_hash = t.text_hash "
        "and not exists (select from chunks c where c.text_hash = e.text_hash)"
    )


def _refused(message: str, hint: str) -> LongshoreError:
    return LongshoreError("promotion_refused", message, hint)
