"""What a plan says, told to people: counts, sizes, and some of what is left out."""

from __future__ import annotations

from typing import Any

from longshore.graph.db import Connection

EXAMPLES = 5

# Bytes of a file for each character of its text: of text itself, of packed text (Office, EPUB), of pages. The ratio of
# the PDFs in the example library is 40; those of publishers, with pictures and fonts, are at 60 to 200.
_BYTES_PER_CHARACTER = {"text": 1.1, "packed": 8.0, "pages": 60.0}
_CHARACTERS_PER_CHUNK = 900
_CHARACTERS_PER_TOKEN = 4

_PACKED = ("docx", "pptx", "xlsx", "epub")
_PAGES = ("pdf",)


async def measure_plan(connection: Connection, project: str, import_id: str) -> dict[str, int]:
    """Files and bytes that are to be read, each content once, and an estimate of the chunks and tokens in them."""
    cursor = await connection.execute(
        """
        with files as (
            select distinct on (a->>'sha256') (a->>'size')::bigint as size,
                   lower(substring(a->>'path' from '[^.]*$')) as suffix
            from import_items i, jsonb_array_elements(i.payload->'attachments') a
            where i.project = %(project)s and i.import_id = %(import_id)s and i.state = 'pending'
              and i.change <> 'removed' and a->>'sha256' is not null
            order by a->>'sha256'
        ), texts as (
            select coalesce(sum(length(payload->>'abstract')), 0) as characters, count(*) as items
            from import_items where project = %(project)s and import_id = %(import_id)s and state = 'pending'
              and change <> 'removed' and payload->>'abstract' <> ''
        )
        select count(*)::int as files, coalesce(sum(size), 0)::bigint as bytes,
               (coalesce(sum(size / case when suffix = any(%(packed)s) then %(packed_ratio)s
                                         when suffix = any(%(pages)s) then %(pages_ratio)s
                                         else %(text_ratio)s end), 0)
                + (select characters from texts))::bigint as characters
        from files
        """,
        {
            "project": project,
            "import_id": import_id,
            "packed": list(_PACKED),
            "pages": list(_PAGES),
            "packed_ratio": _BYTES_PER_CHARACTER["packed"],
            "pages_ratio": _BYTES_PER_CHARACTER["pages"],
            "text_ratio": _BYTES_PER_CHARACTER["text"],
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    characters = int(row["characters"])
    return {
        "files": row["files"],
        "bytes": int(row["bytes"]),
        "chunks": -(-characters // _CHARACTERS_PER_CHUNK),
        "tokens": characters // _CHARACTERS_PER_TOKEN,
    }


async def left_out(connection: Connection, project: str, import_id: str) -> list[dict[str, Any]]:
    """Items and files that would not be read, by reason: `code`, `count`, and some `examples`."""
    cursor = await connection.execute(
        """
        with lacking as (
            select i.code, i.item_key as example from import_items i
            where i.project = %(project)s and i.import_id = %(import_id)s and i.code is not null
            union all
            select 'missing_file', a->>'path' from import_items i, jsonb_array_elements(i.payload->'attachments') a
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
