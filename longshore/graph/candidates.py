"""Loose files, and what else of a project may be the same documents, as the store has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from longshore.graph.db import Connection
from longshore.graph.keys import document_id
from longshore.graph.loose import Described, Front, Loose, Work, described_by, front_of, is_loose, loose
from longshore.sources.identity import SECTIONS, is_registered, work_of
from longshore.sources.model import REPOSITORY_FILE, Creator, Item

_PAGE = 500


async def fronts_of(connection: Connection, project: str, part_ids: Collection[UUID]) -> dict[UUID, Front]:
    """What the parts that could be read show of themselves."""
    cursor = await connection.execute(
        "select part_id, title, about from parts where project = %s and part_id = any(%s) and code is null",
        (project, list(part_ids)),
    )
    return {row["part_id"]: front_of(row) for row in await cursor.fetchall()}


async def loose_files(connection: Connection, project: str, like: Collection[Loose] | None = None) -> list[Loose]:
    """The loose files that the project has.

    Args:
        like: Only those that may be the same as one of these.
    """
    found: list[Loose] = []
    query = f"with near as ({_ANY if like is None else _LIKE}) {_LOOSE}"
    values = {"project": project, "repository": REPOSITORY_FILE, **_common(like or ())}
    async for row in _rows(connection, query, values):
        item = Item.model_validate(row["payload"])
        if is_loose(item):
            found.append(loose(row["source_key"], item, front_of(row), row["document_id"]))
    return found


async def described_items(
    connection: Connection, project: str, item_keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Item]:
    """Items of loose files, by source and item key, with what the files say of themselves."""
    sources, items = zip(*item_keys, strict=True)
    found = {}
    values = {"project": project, "repository": REPOSITORY_FILE, "sources": list(sources), "items": list(items)}
    async for row in _rows(connection, f"with near as ({_NAMED}) {_LOOSE}", values):
        item = Item.model_validate(row["payload"])
        found[row["source_key"], item.key] = described_by(item, [front_of(row)])
    return found


_NAMED = "select * from unnest(%(sources)s::text[], %(items)s::text[]) as named (source_key, item_key)"
_ANY = "select source_key, item_key from items where project = %(project)s"
_LIKE = """
    select d.source_key, d.item_key from parts p join document_parts d using (project, part_id)
    where p.project = %(project)s and p.sha256 = any(%(contents)s)
    union
    select i.source_key, i.item_key from documents o join items i using (project, document_id)
    where o.project = %(project)s and o.year = any(%(years)s)
"""
_LOOSE = """
    select distinct on (i.source_key, i.item_key) i.source_key, i.document_id, i.payload, p.title, p.about
    from near join items i using (source_key, item_key)
    join document_parts d using (project, source_key, item_key) join parts p using (project, part_id)
    where i.project = %(project)s and d.kind = 'attachment'
      and i.payload->>'kind' = 'attachment' and i.payload->>'item_type' <> %(repository)s
    order by i.source_key, i.item_key, p.part_id
"""


async def described_documents(connection: Connection, project: str, files: Collection[Loose]) -> Described:
    """What entries describe that may be one of these files."""
    common = {"project": project, **_common(files)}
    by_content: defaultdict[str, set[str]] = defaultdict(set)
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    by_work: defaultdict[Work, set[str]] = defaultdict(set)
    identities: set[str] = set()
    async for row in _rows(connection, _ENTRIES_OF_CONTENT, common):
        by_content[row["sha256"]].add(row["identity"])
    if common["dois"] or common["arxivs"]:
        async for row in _rows(connection, _ENTRIES_OF_IDENTITY, common):
            identities.add(row["identity"])
        async for row in _rows(connection, _ENTRIES_OF_NAME, common):
            by_name[row["name"]].add(row["identity"])
    if common["years"]:
        async for row in _rows(connection, _ENTRIES_OF_YEAR, common):
            creator = Creator.model_validate(row["creator"])
            item = Item(key="", kind="entry", title=row["title"], year=row["year"], creators=(creator,))
            if work := work_of(item):
                by_work[work].add(row["identity"])
    return Described(identities, by_content, by_name, by_work)


async def _rows(connection: Connection, query: str, values: Mapping[str, Any]) -> AsyncIterator[DictRow]:
    """A page at a time: the caller's loop has a heart to beat."""
    async with connection.cursor(name="candidates") as reader:
        await reader.execute(query.encode(), values)
        while rows := await reader.fetchmany(_PAGE):
            for row in rows:
                yield row


_ENTRIES_OF_CONTENT = """
    select distinct p.sha256, o.identity from parts p join document_parts d using (project, part_id)
    join items i using (project, source_key, item_key)
    join documents o on o.project = i.project and o.document_id = i.document_id
    where p.project = %(project)s and p.sha256 = any(%(contents)s) and d.kind = 'attachment'
      and i.payload->>'kind' = 'entry'
"""
_ENTRIES_OF_IDENTITY = """
    select distinct o.identity from documents o join items i using (project, document_id)
    where o.project = %(project)s and o.document_id = any(%(documents)s) and i.payload->>'kind' = 'entry'
"""
# Sections often carry what the whole book is registered as, and so do their files.
_ENTRIES_OF_NAME = """
    with told as (
        select 'doi:' || (p.about->>'doi') as name, d.source_key, d.item_key
        from parts p join document_parts d using (project, part_id)
        where p.project = %(project)s and p.about->>'doi' = any(%(dois)s) and d.kind = 'attachment'
        union
        select 'arxiv:' || (p.about->>'arxiv'), d.source_key, d.item_key
        from parts p join document_parts d using (project, part_id)
        where p.project = %(project)s and p.about->>'arxiv' = any(%(arxivs)s) and d.kind = 'attachment'
        union
        select 'arxiv:' || (i.payload->>'arxiv'), i.source_key, i.item_key from items i
        where i.project = %(project)s and i.payload->>'arxiv' = any(%(arxivs)s)
    )
    select distinct told.name, o.identity from told join items i using (source_key, item_key)
    join documents o using (project, document_id)
    where i.project = %(project)s and i.payload->>'kind' = 'entry' and i.payload->>'item_type' <> all(%(sections)s)
"""
_ENTRIES_OF_YEAR = """
    select distinct o.identity, i.payload->>'title' as title, (i.payload->>'year')::int as year,
           i.payload->'creators'->0 as creator
    from items i join documents o using (project, document_id)
    where i.project = %(project)s and i.payload->>'kind' = 'entry'
      and (i.payload->>'year')::int = any(%(years)s) and i.payload->'creators'->0 is not null
"""


def _common(files: Collection[Loose]) -> dict[str, list[Any]]:
    """A file that is registered is found by that; only others are looked for by their work."""
    return {
        "contents": sorted({file.sha256 for file in files}),
        "years": sorted({file.work[1] for file in files if file.work and not is_registered(file.identity)}),
        "dois": sorted({file.doi for file in files if file.doi}),
        "arxivs": sorted({file.arxiv for file in files if file.arxiv}),
        "documents": sorted({document_id(file.identity) for file in files if is_registered(file.identity)}),
        "sections": sorted(SECTIONS),
    }
