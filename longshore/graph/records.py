"""The record of an import: opened when its run begins, closed with how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from longshore.errors import InvalidSource
from longshore.graph.db import Connection

ENDED_EARLY = ("cancelled", "import_failed")
"""Codes of items that an import did not reach."""


async def open_record(
    connection: Connection,
    submission: Mapping[str, Any],
    run_id: str,
    aliases: Sequence[str] = (),
    *,
    to_write: bool = True,
) -> None:
    """Make project, source and import known. A closed record that is opened again is its next attempt.

    Args:
        to_write: The transaction goes on to write to the project: no other import of it is opened before that ends.

    Raises:
        InvalidSource: `source_kind_conflict` when the source's key belongs to another kind, `project_deleting`.
    """
    project, import_id, source_key = submission["project"], submission["import_id"], submission["source_key"]
    await connection.execute("insert into projects (project) values (%s) on conflict do nothing", (project,))
    await connection.execute(
        "insert into sources (project, source_key, kind, name) values (%s, %s, %s, %s) "
        "on conflict (project, source_key) do update set removed_at = null where sources.removed_at is not null",
        (project, source_key, submission["kind"], submission["name"]),
    )
    # Who writes to the project later must not merely share it: two who did would wait for each other.
    lock = "no key update" if to_write else "key share"
    cursor = await connection.execute(
        "select s.kind, p.deleting_at from sources s join projects p using (project) "
        f"where s.project = %s and s.source_key = %s for {lock} of p",
        (project, source_key),
    )
    row = await cursor.fetchone()
    if row and row["deleting_at"]:
        raise InvalidSource(
            "project_deleting", f"project {project} is being deleted", "Wait for it, or choose another project."
        )
    if row and row["kind"] != submission["kind"]:
        raise InvalidSource(
            "source_kind_conflict",
            f"{source_key} is a source of kind {row['kind']}, not {submission['kind']}",
            "Choose another --name.",
        )
    cursor = await connection.execute(
        "insert into imports (project, import_id, source_key, submission, aliases, run_id) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (project, import_id) do update set "
        "attempt = imports.attempt + 1, run_id = excluded.run_id, outcome = null, record = null, closed_at = null "
        "where imports.outcome is not null returning attempt > 1 as again",
        (project, import_id, source_key, json.dumps(submission), list(aliases), run_id),
    )
    opened = await cursor.fetchone()
    if opened and opened["again"]:
        await _take_up_abandoned(connection, project, import_id)


async def submission_of(connection: Connection, project: str, import_id: str) -> dict[str, Any]:
    """What the import was asked to do."""
    cursor = await connection.execute(
        "select submission from imports where project = %s and import_id = %s", (project, import_id)
    )
    row = await cursor.fetchone()
    if row is None:
        raise _unknown(import_id)
    return dict(row["submission"])


async def manifest_of(connection: Connection, project: str, import_id: str) -> str:
    """The digest of the manifest to read: of what was staged, or before that of what was handed over."""
    cursor = await connection.execute(
        "select coalesce(manifest, submission->>'manifest') as manifest from imports "
        "where project = %s and import_id = %s",
        (project, import_id),
    )
    row = await cursor.fetchone()
    if row is None:
        raise _unknown(import_id)
    return str(row["manifest"])


async def last_manifest(connection: Connection, project: str, source_key: str) -> str | None:
    """The digest of what the newest import of a source was staged as, however it ended."""
    cursor = await connection.execute(
        "select manifest from imports where project = %s and source_key = %s and manifest <> '' "
        "order by opened_at desc limit 1",
        (project, source_key),
    )
    row = await cursor.fetchone()
    return row["manifest"] if row else None


async def last_submission(connection: Connection, project: str, source_key: str) -> dict[str, Any] | None:
    """What the newest import that read a source was asked to do; None where the source was removed, or never began."""
    cursor = await connection.execute(
        "select i.submission from imports i join sources s using (project, source_key) "
        "where project = %s and source_key = %s and s.removed_at is null "
        "and coalesce(i.submission->>'mode', 'import') = 'import' and i.submission->>'retry_of' is null "
        "order by i.opened_at desc, i.import_id desc limit 1",
        (project, source_key),
    )
    row = await cursor.fetchone()
    return dict(row["submission"]) if row else None


def _unknown(import_id: str) -> InvalidSource:
    return InvalidSource("import_unknown", f"import {import_id} has no record", "Submit the source again.")


async def store_manifest(connection: Connection, project: str, import_id: str, manifest: str) -> None:
    await connection.execute(
        "update imports set manifest = %s where project = %s and import_id = %s", (manifest, project, import_id)
    )


async def closed_record(connection: Connection, project: str, import_id: str, run_id: str) -> dict[str, Any] | None:
    """The record that this run has closed already, if it has."""
    cursor = await connection.execute(
        "select record from imports where project = %s and import_id = %s and run_id = %s and outcome is not null",
        (project, import_id, run_id),
    )
    row = await cursor.fetchone()
    return row["record"] if row else None


async def forget_source(connection: Connection, project: str, source_key: str) -> None:
    """Take a source that asserts nothing any more off the list; its records stay."""
    await connection.execute(
        "update sources set removed_at = now() where project = %s and source_key = %s and removed_at is null",
        (project, source_key),
    )


async def close_record(
    connection: Connection,
    project: str,
    import_id: str,
    run_id: str,
    aliases: Sequence[str],
    record: Mapping[str, Any],
) -> None:
    await connection.execute(
        "update imports set outcome = %s, record = %s, aliases = %s, run_id = %s, closed_at = %s, "
        "attempt = attempt + (outcome is not null)::int where project = %s and import_id = %s",
        (
            record["state"],
            json.dumps(record),
            list(aliases),
            run_id,
            record["closed_at"],
            project,
            import_id,
        ),
    )


async def abandon_pending(connection: Connection, project: str, import_id: str, code: str) -> None:
    """Settle what an import that ends early did not reach: every item ends in exactly one state."""
    await connection.execute(
        "update import_items set state = 'skipped', code = %s, settled_at = now() "
        "where project = %s and import_id = %s and state = 'pending'",
        (code, project, import_id),
    )


async def _take_up_abandoned(connection: Connection, project: str, import_id: str) -> None:
    """What an attempt that was ended early did not reach is for the next one to do."""
    await connection.execute(
        "update import_items set state = 'pending', code = null, settled_at = null "
        "where project = %s and import_id = %s and state = 'skipped' and code = any(%s)",
        (project, import_id, list(ENDED_EARLY)),
    )


async def count_items(connection: Connection, project: str, import_id: str) -> dict[str, int]:
    """How many items ended how; `settled` counts all that are not pending, `removed` stands apart."""
    cursor = await connection.execute(
        """
        select count(*) filter (where change <> 'removed') as total,
               count(*) filter (where change = 'added' and state = 'done') as added,
               count(*) filter (where change = 'changed' and state = 'done') as changed,
               count(*) filter (where state = 'unchanged') as unchanged,
               count(*) filter (where change = 'duplicate' and state = 'done') as duplicate,
               count(*) filter (where change = 'removed' and state = 'done') as removed,
               count(*) filter (where renamed_from is not null) as renamed,
               count(*) filter (where change <> 'removed' and state = 'skipped') as skipped,
               count(*) filter (where change <> 'removed' and state = 'failed') as failed,
               count(*) filter (where change <> 'removed' and state <> 'pending') as settled,
               count(*) filter (where state = 'pending') as pending
        from import_items where project = %s and import_id = %s
        """,
        (project, import_id),
    )
    row = await cursor.fetchone()
    return dict(row) if row else {}


async def count_attachments(connection: Connection, project: str, import_id: str) -> dict[str, int]:
    """Attachments that failed, though not their item, and those that are worth a warning (missing or without text)."""
    cursor = await connection.execute(
        """
        select count(*) filter (where a->>'state' = 'failed' and i.state <> 'failed') as failed,
               count(*) filter (where a->>'state' in ('missing', 'skipped')) as warnings
        from import_items i, jsonb_array_elements(i.attachments) a
        where i.project = %s and i.import_id = %s
        """,
        (project, import_id),
    )
    row = await cursor.fetchone()
    return dict(row) if row else {}


async def count_graph(connection: Connection, project: str) -> dict[str, int]:
    """Of the whole project: documents, visible chunks, nodes, concepts among them, and edges."""
    cursor = await connection.execute(
        """
        select (select count(*) from documents where project = %(project)s) as documents,
               (select count(*) from chunks c where c.project = %(project)s and exists
                  (select from document_parts d where d.project = c.project and d.part_id = c.part_id)) as chunks,
               (select count(*) from nodes where project = %(project)s and kind = 'Concept') as concepts,
               (select count(*) from nodes where project = %(project)s) as nodes,
               (select count(*) from edges where project = %(project)s) as edges
        """,
        {"project": project},
    )
    row = await cursor.fetchone()
    return dict(row) if row else {}
