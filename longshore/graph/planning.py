"""The plan of an import: every item of the source beside what the graph has, cut into batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from longshore.codes import CODES
from longshore.graph import keys, parts
from longshore.graph.db import Connection
from longshore.graph.records import ENDED_EARLY
from longshore.sources.identity import document_identity
from longshore.sources.model import REPOSITORY_FILE, Attachment, Item, Refusal

BATCH_WORK = 128
"""Items in a batch; a file counts as eight, for it takes that much longer, and a step should take seconds."""
WORK_PER_FILE = 8
BATCH_BYTES = 32 * 1024 * 1024
REMOVALS_WITHOUT_ASKING = 20
REMOVED_SHARE_WITHOUT_ASKING = 0.2

_PAGE = 500


async def record_plan(
    connection: Connection,
    project: str,
    import_id: str,
    source_key: str,
    items: Iterable[Item],
    reparse: str | None = None,
) -> AsyncIterator[int]:
    """Write the plan, one row an item, and yield the number of rows so far, a page at a time.

    Runs within the caller's transaction: there is a whole plan or none. Reading is left to a thread, for it may take
    long and the caller's loop has a heart to beat.

    Args:
        reparse: What has not changed is read again as well, where another version of the parser than this has read it.
    """
    await connection.execute("delete from import_items where project = %s and import_id = %s", (project, import_id))
    ordinal = 0
    pages = _pages(items)
    while page := await asyncio.to_thread(next, pages, None):
        known = await _known_items(connection, project, source_key, [item.key for item in page])
        stale = await parts.read_otherwise(connection, project, source_key, page, reparse) if reparse else set()
        async with (
            connection.cursor() as writer,
            writer.copy(
                "copy import_items (project, import_id, ordinal, item_key, title, change, document_id, content_hash, "
                "payload, state, code, detail) from stdin"
            ) as copy,
        ):
            for item in page:
                row = _planned(item, known.get(item.key), item.key in stale)
                await copy.write_row((project, import_id, ordinal, *row))
                ordinal += 1
        yield ordinal
    await _plan_removals(connection, project, import_id, source_key, ordinal)
    await _finish(connection, project, import_id, source_key)


def _planned(item: Item, before: dict[str, Any] | None, stale: bool) -> tuple[object, ...]:
    """An item's row from its key on: what it is beside what the graph has, and whether there is anything to do.

    Args:
        stale: It is to be read again even if it has not changed.
    """
    if item.refusal and item.refusal.final:
        return _left_out(item, item.refusal, before)
    kept = keep_last_files(item, before["payload"] if before else None)
    content_hash = kept.content_hash()
    change = "added" if before is None else "changed"
    if before and before["content_hash"] == content_hash and not stale:
        change = "unchanged"
    state = "unchanged" if change == "unchanged" else "pending"
    # A loose file may belong to another document than it tells by itself (longshore/graph/loose.py).
    document = before["document_id"] if before and change == "unchanged" else keys.document_id(document_identity(kept))
    return item.key, item.title, change, document, content_hash, kept.model_dump_json(), state, None, None


def _left_out(item: Item, refusal: Refusal, before: dict[str, Any] | None) -> tuple[object, ...]:
    """The row of an item that is not for reading: skipped here and now, or removed where the graph has it."""
    change, document, state = ("removed", before["document_id"], "pending") if before else ("added", None, "skipped")
    detail = refusal.detail or CODES[refusal.code].text
    return item.key, item.title, change, document, None, None, state, refusal.code, detail


async def record_retry(
    connection: Connection, project: str, import_id: str, source_key: str, retry_of: str, codes: Sequence[str]
) -> None:
    """Plan an import of those items of an earlier one that failed, that have a file that failed, or that it did not
    reach because it was ended early.

    Args:
        codes: Take up only what failed for one of these reasons; all if empty.
    """
    await connection.execute("delete from import_items where project = %s and import_id = %s", (project, import_id))
    await connection.execute(
        """
        insert into import_items
            (project, import_id, ordinal, item_key, title, change, document_id, content_hash, payload, state)
        select i.project, %(import_id)s, row_number() over (order by i.ordinal) - 1, i.item_key, i.title,
               case when g.item_key is null then 'added' else 'changed' end,
               i.document_id, i.content_hash, i.payload, 'pending'
        from import_items i left join items g
          on g.project = i.project and g.source_key = %(source)s and g.item_key = i.item_key
        where i.project = %(project)s and i.import_id = %(retry_of)s and i.change <> 'removed'
          and ((i.state = 'failed' and (%(all)s or i.code = any(%(codes)s)))
            or ((i.state = 'pending' or i.code = any(%(ended_early)s)) and %(all)s) or exists (
              select from jsonb_array_elements(i.attachments) a
              where a->>'state' = 'failed' and (%(all)s or a->>'code' = any(%(codes)s))))
        """,
        {
            "project": project,
            "import_id": import_id,
            "source": source_key,
            "retry_of": retry_of,
            "codes": list(codes),
            "all": not codes,
            "ended_early": list(ENDED_EARLY),
        },
    )
    await parts.forget_failures(connection, project, import_id, codes)
    await _finish(connection, project, import_id, source_key)


async def record_undo(connection: Connection, project: str, import_id: str, source_key: str, undo_of: str) -> None:
    """Plan to take back what an import asserted and to put back what it had replaced or removed.

    What a later import has changed since is left as it is.
    """
    await connection.execute("delete from import_items where project = %s and import_id = %s", (project, import_id))
    await connection.execute(
        """
        with mine as (
            select item_key, document_id, payload from items
            where project = %(project)s and source_key = %(source)s and import_id = %(undo_of)s
        ), before as (
            select v.item_key, v.document_id, v.content_hash, v.payload from item_versions v
            where v.project = %(project)s and v.source_key = %(source)s and v.replaced_by = %(undo_of)s
              and not exists (select from items i where i.project = v.project and i.source_key = v.source_key
                              and i.item_key = v.item_key and i.import_id <> %(undo_of)s)
        ), wanted as (
            select coalesce(b.item_key, m.item_key) as item_key, coalesce(b.payload, m.payload) as payload,
                   coalesce(b.document_id, m.document_id) as document_id, b.content_hash,
                   case when b.item_key is null then 'removed' when m.item_key is null then 'added'
                        else 'changed' end as change
            from mine m full join before b using (item_key)
        )
        insert into import_items
            (project, import_id, ordinal, item_key, title, change, document_id, content_hash, payload, state)
        select %(project)s, %(import_id)s,
               row_number() over (order by change = 'removed', item_key collate "C") - 1, item_key,
               payload->>'title', change, document_id, content_hash,
               case when change = 'removed' then null else payload end, 'pending'
        from wanted
        """,
        {"project": project, "import_id": import_id, "source": source_key, "undo_of": undo_of},
    )
    await _finish(connection, project, import_id, source_key)


async def record_removal(connection: Connection, project: str, import_id: str, source_key: str) -> None:
    """Plan to retire everything that a source asserts."""
    await connection.execute("delete from import_items where project = %s and import_id = %s", (project, import_id))
    await _plan_removals(connection, project, import_id, source_key, 0)
    await _finish(connection, project, import_id, source_key)


async def requeue_failed(connection: Connection, project: str, import_id: str) -> None:
    """Put the failed items of a running import into new batches, after all others."""
    await connection.execute(
        """
        with failed as (
            select ordinal, (row_number() over (order by ordinal) - 1) / %(size)s as nth from import_items
            where project = %(project)s and import_id = %(import_id)s and change <> 'removed'
              and (state = 'failed' or attachments @> '[{"state": "failed"}]')
        ), last as (
            select max(batch) as batch from import_items where project = %(project)s and import_id = %(import_id)s
        )
        update import_items i set state = 'pending', code = null, detail = null, attachments = '[]', settled_at = null,
               batch = last.batch + 1 + failed.nth
        from failed, last
        where i.project = %(project)s and i.import_id = %(import_id)s and i.ordinal = failed.ordinal
        """,
        {"project": project, "import_id": import_id, "size": BATCH_WORK // WORK_PER_FILE},
    )
    await parts.forget_failures(connection, project, import_id)


async def is_planned(connection: Connection, project: str, import_id: str) -> bool:
    cursor = await connection.execute(
        "select planned_at is not null as planned from imports where project = %s and import_id = %s",
        (project, import_id),
    )
    row = await cursor.fetchone()
    return bool(row and row["planned"])


async def read_plan(connection: Connection, project: str, import_id: str) -> dict[str, int]:
    """The plan's counts as they stand in the store, so that a second attempt answers what the first one did."""
    cursor = await connection.execute(
        """
        select count(*) filter (where change <> 'removed') as total,
               count(*) filter (where change = 'added') as added,
               count(*) filter (where change = 'changed') as changed,
               count(*) filter (where change = 'unchanged') as unchanged,
               count(*) filter (where state = 'skipped' and batch is null) as skipped,
               count(*) filter (where change = 'duplicate') as duplicate,
               count(*) filter (where change = 'removed') as removed,
               count(*) filter (where renamed_from is not null) as renamed,
               count(distinct batch) filter (where change <> 'removed') as batches,
               count(distinct batch) filter (where change = 'removed') as retire_batches
        from import_items where project = %s and import_id = %s
        """,
        (project, import_id),
    )
    row = await cursor.fetchone()
    return dict(row) if row else {}


def needs_approval(plan: dict[str, int]) -> bool:
    """Whether so much would be removed that a person must say yes: more than 20 items and more than 20 %."""
    before = plan["changed"] + plan["unchanged"] + plan["removed"]
    return plan["removed"] > REMOVALS_WITHOUT_ASKING and plan["removed"] > before * REMOVED_SHARE_WITHOUT_ASKING


def keep_last_files(item: Item, before: dict[str, Any] | None) -> Item:
    """Give a file that was not brought this time the content that it had the last time."""
    if before is None or all(attachment.sha256 for attachment in item.attachments):
        return item
    had = {_name(old): old for old in Item.model_validate(before).attachments if old.path and old.sha256}

    def kept(attachment: Attachment) -> Attachment:
        old = None if attachment.sha256 or not attachment.path else had.get(_name(attachment))
        return attachment.model_copy(update={"sha256": old.sha256, "size": old.size}) if old else attachment

    return item.model_copy(update={"attachments": tuple(kept(attachment) for attachment in item.attachments)})


def _name(attachment: Attachment) -> tuple[str, str]:
    """What an attachment is called on every machine; the folder of its file is numbered anew by each."""
    return attachment.title, PurePosixPath(attachment.path or "").name


def _pages(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while page := list(islice(iterator, _PAGE)):
        yield page


async def _known_items(
    connection: Connection, project: str, source_key: str, item_keys: list[str]
) -> dict[str, dict[str, Any]]:
    cursor = await connection.execute(
        "select item_key, document_id, content_hash, payload from items "
        "where project = %s and source_key = %s and item_key = any(%s)",
        (project, source_key, item_keys),
    )
    return {row["item_key"]: row for row in await cursor.fetchall()}


async def _plan_removals(
    connection: Connection, project: str, import_id: str, source_key: str, first_ordinal: int
) -> None:
    await connection.execute(
        """
        insert into import_items (project, import_id, ordinal, item_key, title, change, document_id, state)
        select g.project, %(import_id)s, %(first)s + row_number() over (order by g.item_key) - 1, g.item_key,
               g.payload->>'title', 'removed', g.document_id, 'pending'
        from items g
        where g.project = %(project)s and g.source_key = %(source)s and not exists
          (select from import_items i where i.project = g.project and i.import_id = %(import_id)s
           and i.item_key = g.item_key)
        """,
        {"project": project, "import_id": import_id, "source": source_key, "first": first_ordinal},
    )


async def _finish(connection: Connection, project: str, import_id: str, source_key: str) -> None:
    parameters = {
        "project": project,
        "import_id": import_id,
        "source": source_key,
        "repository": REPOSITORY_FILE,
        "work": BATCH_WORK,
        "file": WORK_PER_FILE,
        "bytes": BATCH_BYTES,
    }
    # The planner takes rows without statistics for few, and would compare each of them with every other.
    await connection.execute("analyze import_items")
    await connection.execute(_RECOGNISE_FILES, parameters)
    await connection.execute(_TELL_RENAMED, parameters)
    await connection.execute(_MARK_DUPLICATES, parameters)
    await connection.execute(_RECALL_FILES, parameters)
    await connection.execute(_CUT_BATCHES, parameters)
    await connection.execute(
        "update imports set planned_at = now() where project = %s and import_id = %s", (project, import_id)
    )


# A loose file whose content belongs to one document already is that document.
_RECOGNISE_FILES = """
    with known as (
        select n.ordinal, (array_agg(distinct g.document_id))[1] as document_id
        from import_items n
        join parts p on p.project = n.project and p.sha256 = n.payload->'attachments'->0->>'sha256'
        join document_parts d on d.project = p.project and d.part_id = p.part_id and d.kind = 'attachment'
        join items g on g.project = d.project and g.source_key = d.source_key and g.item_key = d.item_key
        where n.project = %(project)s and n.import_id = %(import_id)s and n.change = 'added'
          and n.payload->>'kind' = 'attachment' and n.payload->>'item_type' <> %(repository)s
          and g.payload->>'item_type' <> %(repository)s
        group by n.ordinal having count(distinct g.document_id) = 1
    )
    update import_items i set document_id = known.document_id from known
    where i.project = %(project)s and i.import_id = %(import_id)s and i.ordinal = known.ordinal
"""

# What has gone under one name and come under another is told as renamed, each once, in the order of the names.
_TELL_RENAMED = """
    with gone as (
        select i.item_key, g.content, row_number() over (partition by g.content order by i.item_key collate "C") as nth
        from import_items i join (
            select item_key, payload->'attachments'->0->>'sha256' as content from items
            where project = %(project)s and source_key = %(source)s and payload->>'kind' = 'attachment'
        ) g using (item_key)
        where i.project = %(project)s and i.import_id = %(import_id)s and i.change = 'removed'
          and g.content is not null
    ), come as (
        select ordinal, content, row_number() over (partition by content order by item_key collate "C") as nth
        from import_items, lateral (select payload->'attachments'->0->>'sha256' as content) file
        where project = %(project)s and import_id = %(import_id)s and change = 'added'
          and payload->>'kind' = 'attachment'
    )
    update import_items i set renamed_from = gone.item_key from come join gone using (content, nth)
    where i.project = %(project)s and i.import_id = %(import_id)s and i.ordinal = come.ordinal
"""

_MARK_DUPLICATES = """
    with named as (
        select ordinal, item_key, document_id, change,
               row_number() over (partition by document_id order by item_key collate "C") > 1 as repeated
        from import_items
        where project = %(project)s and import_id = %(import_id)s and change <> 'removed' and document_id is not null
    )
    update import_items i set change = 'duplicate' from named
    where i.project = %(project)s and i.import_id = %(import_id)s and i.ordinal = named.ordinal
      and named.change = 'added' and i.renamed_from is null and (named.repeated or exists (
        select from items g where g.project = %(project)s and g.document_id = named.document_id
        and (g.source_key <> %(source)s or g.item_key <> named.item_key)))
"""

# What could not be read the last time still cannot, and is said again.
_RECALL_FILES = """
    update import_items i set attachments = before.attachments
    from items g join import_items before
      on before.project = g.project and before.import_id = g.import_id and before.item_key = g.item_key
    where i.project = %(project)s and i.import_id = %(import_id)s and i.change = 'unchanged'
      and g.project = i.project and g.source_key = %(source)s and g.item_key = i.item_key
      and before.attachments <> '[]'
"""

# A batch ends when it is full by work or by bytes of files; removals come last, in batches of their own.
_CUT_BATCHES = """
    with sized as (
        select ordinal, change = 'removed' as removed, sum(greatest(1, files * %(file)s)) over place as work,
               sum(bytes) over place as bytes
        from import_items, lateral (
            select count(a->>'sha256') as files, coalesce(sum((a->>'size')::bigint), 0) as bytes
            from jsonb_array_elements(payload->'attachments') a) brought
        where project = %(project)s and import_id = %(import_id)s and state = 'pending'
        window place as (partition by change = 'removed' order by item_key collate "C")
    ), cut as (
        select ordinal,
               dense_rank() over (order by removed, div(work - 1, %(work)s), div(bytes, %(bytes)s)) - 1 as batch
        from sized
    )
    update import_items i set batch = cut.batch from cut
    where i.project = %(project)s and i.import_id = %(import_id)s and i.ordinal = cut.ordinal
"""
