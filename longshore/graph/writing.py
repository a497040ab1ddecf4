"""Writing a batch: its effects and the mark that its items are done commit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from longshore.errors import LongshoreError
from longshore.graph import keys
from longshore.graph.asserting import store_assertions, withdraw_assertions
from longshore.graph.assertions import asserted_by
from longshore.graph.candidates import fronts_of
from longshore.graph.db import Connection
from longshore.graph.documents import describe_documents, hold_documents
from longshore.graph.loose import Front, described_by, is_loose, loose
from longshore.graph.outcomes import ItemOutcome, PartState, settle
from longshore.graph.parts import PartRef, parts_of
from longshore.graph.placing import mark_duplicates, place_files
from longshore.sources.identity import document_identity
from longshore.sources.model import Item


@dataclass(frozen=True)
class _Planned:
    ordinal: int
    item: Item
    content_hash: str
    change: str
    identity: str
    parts: list[PartRef]
    front: Front | None = None
    """What its file says of it, if it is a loose one."""

    @property
    def key(self) -> str:
        return self.item.key

    @property
    def document(self) -> UUID:
        return keys.document_id(self.identity)

    @property
    def described(self) -> Item:
        return described_by(self.item, [self.front] if self.front else [])


async def pending_items(connection: Connection, project: str, import_id: str, batch: int) -> list[Item]:
    """The items of a batch that are not settled, in the order of the source."""
    return [Item.model_validate(row["payload"]) for row in await _pending(connection, project, import_id, batch)]


async def write_batch(
    connection: Connection, project: str, import_id: str, source_key: str, batch: int, parser_version: str
) -> None:
    """Make the items of a batch part of the graph, in the caller's transaction.

    Items that are settled are left alone, so a second attempt changes nothing.

    Raises:
        LongshoreError: `texts_unread` where this parser has not read all texts of the batch, but that of another
            version of the worker has.
    """
    await keys.share_project(connection, project)
    planned = [
        _Planned(
            row["ordinal"],
            item := Item.model_validate(row["payload"]),
            row["content_hash"],
            row["change"],
            document_identity(item),
            parts_of(item, parser_version),
        )
        for row in await _pending(connection, project, import_id, batch, lock=True)
    ]
    if not planned:
        return
    states = await _part_states(connection, project, [part.part_id for entry in planned for part in entry.parts])
    unread = [part for entry in planned for part in entry.parts if part.part_id not in states]
    if unread:
        raise LongshoreError("texts_unread", f"{len(unread)} texts were read by another version of the parser")
    outcomes = {entry.key: settle(entry.item, entry.parts, states) for entry in planned}
    written = [entry for entry in planned if outcomes[entry.key].state == "done"]
    if written:
        written = await _placed(connection, project, source_key, written)
        await _assert_items(connection, project, import_id, source_key, written, states)
    documents = {entry.key: entry.document for entry in written}
    await _settle_items(
        connection,
        project,
        import_id,
        [(entry.ordinal, outcomes[entry.key], documents.get(entry.key)) for entry in planned],
    )


async def retire_batch(connection: Connection, project: str, import_id: str, source_key: str, batch: int) -> None:
    """Take back what the removed items of a batch asserted, in the caller's transaction."""
    await keys.share_project(connection, project)
    cursor = await connection.execute(
        "select item_key from import_items where project = %s and import_id = %s and batch = %s and state = 'pending' "
        "order by item_key for update",
        (project, import_id, batch),
    )
    gone = [row["item_key"] for row in await cursor.fetchall()]
    touched = await _documents_of(connection, project, source_key, gone)
    await hold_documents(connection, project, touched)
    await _keep_versions(connection, project, source_key, gone, import_id)
    await _withdraw(connection, project, source_key, gone)
    await connection.execute(
        "delete from items where project = %s and source_key = %s and item_key = any(%s)", (project, source_key, gone)
    )
    await describe_documents(connection, project, touched)
    await connection.execute(
        "update import_items set state = 'done', attempts = attempts + 1, settled_at = now() "
        "where project = %s and import_id = %s and batch = %s and state = 'pending'",
        (project, import_id, batch),
    )


async def fail_batch(connection: Connection, project: str, import_id: str, batch: int, code: str, detail: str) -> None:
    """Settle the items of a batch that could not be handled at all."""
    await connection.execute(
        "update import_items set state = 'failed', code = %s, detail = %s, attempts = attempts + 1, settled_at = now() "
        "where project = %s and import_id = %s and batch = %s and state = 'pending'",
        (code, detail[:2000], project, import_id, batch),
    )


async def count_batch(connection: Connection, project: str, import_id: str, batch: int) -> dict[str, int]:
    """Where the items of a batch stand, as the store has it.

    A file that failed with its item is not counted beside it.
    """
    cursor = await connection.execute(
        """
        select count(*) filter (where state = 'done' and change = 'added') as added,
               count(*) filter (where state = 'done' and change = 'changed') as changed,
               count(*) filter (where state = 'done' and change = 'duplicate') as duplicate,
               count(*) filter (where state = 'done' and change = 'removed') as removed,
               count(*) filter (where state = 'skipped') as skipped,
               count(*) filter (where state = 'failed') as failed,
               coalesce(sum((select count(*) from jsonb_array_elements(attachments) a where a->>'state' = 'failed'))
                   filter (where state <> 'failed'), 0)::int as attachments_failed,
               coalesce(sum((select count(*) from jsonb_array_elements(attachments) a
                             where a->>'state' in ('missing', 'skipped'))), 0)::int as warnings
        from import_items where project = %s and import_id = %s and batch = %s
        """,
        (project, import_id, batch),
    )
    row = await cursor.fetchone()
    return dict(row) if row else {}


async def _pending(
    connection: Connection, project: str, import_id: str, batch: int, lock: bool = False
) -> list[dict[str, Any]]:
    cursor = await connection.execute(
        "select ordinal, content_hash, change, payload from import_items "
        "where project = %s and import_id = %s and batch = %s and state = 'pending' and change <> 'removed' "
        "order by ordinal" + (" for update" if lock else ""),
        (project, import_id, batch),
    )
    return await cursor.fetchall()


async def _part_states(connection: Connection, project: str, part_ids: Sequence[UUID]) -> dict[UUID, PartState]:
    cursor = await connection.execute(
        "select part_id, code, detail from parts where project = %s and part_id = any(%s)", (project, list(part_ids))
    )
    return {row["part_id"]: PartState(row["code"], row["detail"]) for row in await cursor.fetchall()}


async def _documents_of(connection: Connection, project: str, source_key: str, item_keys: Sequence[str]) -> set[UUID]:
    cursor = await connection.execute(
        "select distinct document_id from items where project = %s and source_key = %s and item_key = any(%s)",
        (project, source_key, list(item_keys)),
    )
    return {row["document_id"] for row in await cursor.fetchall()}


async def _placed(connection: Connection, project: str, source_key: str, planned: Sequence[_Planned]) -> list[_Planned]:
    """Each item with the document that it belongs to, which of a loose file is known only now that it has been read."""
    read = {
        entry.key: part.part_id
        for entry in planned
        if is_loose(entry.item)
        for part in entry.parts
        if part.kind == "attachment"
    }
    if not read:
        return list(planned)
    fronts = await fronts_of(connection, project, read.values())
    files = [loose(source_key, entry.item, fronts[read[entry.key]]) for entry in planned if entry.key in read]
    identities = await place_files(connection, project, files)
    return [
        replace(entry, identity=identities[source_key, entry.key], front=fronts[read[entry.key]])
        if entry.key in read
        else entry
        for entry in planned
    ]


async def _assert_items(
    connection: Connection,
    project: str,
    import_id: str,
    source_key: str,
    written: Sequence[_Planned],
    states: dict[UUID, PartState],
) -> None:
    touched = {entry.document for entry in written}
    touched |= await _documents_of(connection, project, source_key, [entry.key for entry in written])
    identities = {entry.document: entry.identity for entry in written}
    await hold_documents(connection, project, touched, identities)
    await mark_duplicates(
        connection,
        project,
        import_id,
        source_key,
        {entry.key: entry.document for entry in written if entry.change == "added"},
        {entry.document for entry in written if entry.change == "changed"},
    )
    await _keep_versions(connection, project, source_key, [entry.key for entry in written], import_id)
    await _withdraw(connection, project, source_key, [entry.key for entry in written])
    async with connection.cursor() as writer:
        await writer.executemany(
            "insert into items (project, source_key, item_key, document_id, content_hash, payload, import_id) "
            "values (%s, %s, %s, %s, %s, %s, %s) on conflict (project, source_key, item_key) do update set "
            "document_id = excluded.document_id, content_hash = excluded.content_hash, payload = excluded.payload, "
            "import_id = excluded.import_id",
            [
                (
                    project,
                    source_key,
                    entry.key,
                    entry.document,
                    entry.content_hash,
                    entry.item.model_dump_json(),
                    import_id,
                )
                for entry in sorted(written, key=lambda entry: entry.key)
            ],
        )
        await writer.executemany(
            "insert into document_parts (project, source_key, item_key, part_id, document_id, kind, label) "
            "values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (project, source_key, entry.key, part.part_id, entry.document, part.kind, part.label)
                for entry in sorted(written, key=lambda entry: entry.key)
                for part in entry.parts
                if states[part.part_id].code is None
            ],
        )
    await store_assertions(
        connection,
        project,
        [
            (keys.item_origin(source_key, entry.key), entry.document, asserted_by(entry.described, entry.document))
            for entry in written
        ],
    )
    await describe_documents(connection, project, touched)


async def _keep_versions(
    connection: Connection, project: str, source_key: str, item_keys: Sequence[str], replaced_by: str
) -> None:
    """Put aside what the items assert now, so that the import that replaces it can be undone."""
    await connection.execute(
        "insert into item_versions "
        "(project, source_key, item_key, replaced_by, document_id, content_hash, payload, import_id) "
        "select project, source_key, item_key, %(replaced_by)s, document_id, content_hash, payload, import_id "
        "from items where project = %(project)s and source_key = %(source)s and item_key = any(%(keys)s) "
        "and import_id <> %(replaced_by)s on conflict do nothing",
        {"project": project, "source": source_key, "keys": list(item_keys), "replaced_by": replaced_by},
    )


async def _withdraw(connection: Connection, project: str, source_key: str, item_keys: Sequence[str]) -> None:
    await withdraw_assertions(connection, project, [keys.item_origin(source_key, item_key) for item_key in item_keys])
    await connection.execute(
        "delete from document_parts where project = %s and source_key = %s and item_key = any(%s)",
        (project, source_key, list(item_keys)),
    )


async def _settle_items(
    connection: Connection, project: str, import_id: str, outcomes: Sequence[tuple[int, ItemOutcome, UUID | None]]
) -> None:
    async with connection.cursor() as writer:
        await writer.executemany(
            "update import_items set state = %s, code = %s, detail = %s, attachments = %s, "
            "document_id = coalesce(%s, document_id), attempts = attempts + 1, settled_at = now() "
            "where project = %s and import_id = %s and ordinal = %s",
            [
                (
                    outcome.state,
                    outcome.code,
                    outcome.detail,
                    outcome.attachments_json(),
                    document,
                    project,
                    import_id,
                    ordinal,
                )
                for ordinal, outcome, document in outcomes
            ],
        )
