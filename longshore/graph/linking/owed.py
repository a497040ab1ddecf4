"""Whether relations are owed: an import that ended early has committed documents that nobody has related since."""

from __future__ import annotations

from longshore.graph.db import Connection


async def links_are_owed(connection: Connection, project: str, import_id: str, source_key: str) -> bool:
    """Whether an import has committed something, ended before it had linked it, and none that began later has linked.

    An earlier run of the same source without a record has ended from outside; those of other sources may still run,
    and will link then.
    """
    cursor = await connection.execute(
        """
        select exists (
            select from imports early
            where project = %(project)s and import_id <> %(import_id)s
              and (outcome in ('cancelled', 'failed') or outcome is null and source_key = %(source_key)s)
              and exists (
                  select from import_items done
                  where done.project = early.project and done.import_id = early.import_id and done.state = 'done')
              and not exists (
                  select from imports later, jsonb_array_elements(later.record -> 'progress' -> 'stages') stage
                  where later.project = early.project and later.opened_at > early.closed_at
                    and later.outcome in ('succeeded', 'partially_succeeded')
                    and stage ->> 'name' = 'link' and (stage ->> 'done')::int > 0)) as owed
        """,
        {"project": project, "import_id": import_id, "source_key": source_key},
    )
    row = await cursor.fetchone()
    return bool(row and row["owed"])
