"""What a plan says, told to people: what is to be read, and some of what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from longshore.graph.db import Connection

EXAMPLES = 5


@dataclass(frozen=True)
class PendingFile:
    sha256: str
    size: int
    """Bytes."""
    path: str
    media_type: str | None


async def pending_files(connection: Connection, project: str, import_id: str) -> list[PendingFile]:
    """The files that are to be read, each content once, in the order of their paths."""
    cursor = await connection.execute(
        """
        select distinct on (a->>'sha256') a->>'sha256' as sha256, (a->>'size')::bigint as size, a->>'path' as path,
               a->>'media_type' as media_type
        from import_items i, jsonb_array_elements(i.payload->'attachments') a
        where i.project = %s and i.import_id = %s and i.state = 'pending' and i.change <> 'removed'
          and a->>'sha256' is not null
        order by a->>'sha256', a->>'path' collate "C"
        """,
        (project, import_id),
    )
    files = [PendingFile(**{**row, "path": row["path"] or ""}) for row in await cursor.fetchall()]
    return sorted(files, key=lambda file: file.path)


async def inline_characters(connection: Connection, project: str, import_id: str) -> int:
    """Characters of the abstracts and notes that are to be read."""
    cursor = await connection.execute(
        """
        select coalesce(sum(coalesce(length(payload->>'abstract'), 0)
               + (select coalesce(sum(length(note)), 0)
                  from jsonb_array_elements_text(coalesce(payload->'notes', '[]')) note)), 0)::bigint as characters
        from import_items where project = %s and import_id = %s and state = 'pending' and change <> 'removed'
        """,
        (project, import_id),
    )
    row = await cursor.fetchone()
    return int(row["characters"]) if row else 0


async def left_out(connection: Connection, project: str, import_id: str) -> list[dict[str, Any]]:
    """Items and files that the source itself lacks or refuses, by reason: `code`, `count`, and some `examples`."""
    cursor = await connection.execute(
        """
        with lacking as (
            select i.code, i.item_key as example from import_items i
            where i.project = %(project)s and i.import_id = %(import_id)s and i.code is not null
            union all
            select coalesce(a->>'missing', 'missing_file'), a->>'path'
            from import_items i, jsonb_array_elements(i.payload->'attachments') a
            where i.project = %(project)s and i.import_id = %(import_id)s and i.state = 'pending'
              and i.change <> 'removed' and a->>'sha256' is null and a->>'path' is not null
        )
        select code, count(*)::int as count,
               (array_agg(example order by example collate "C"))[1:%(most)s] as examples
        from lacking group by code order by count(*) desc, code
        """,
        {"project": project, "import_id": import_id, "most": EXAMPLES},
    )
    return await cursor.fetchall()


async def titles(connection: Connection, project: str, import_id: str, change: str) -> list[str]:
    """Some titles of the items of one change, in the order of their keys."""
    cursor = await connection.execute(
        "select coalesce(nullif(title, ''), item_key) as title from import_items "
        'where project = %s and import_id = %s and change = %s order by item_key collate "C" limit %s',
        (project, import_id, change, EXAMPLES),
    )
    return [row["title"] for row in await cursor.fetchall()]
