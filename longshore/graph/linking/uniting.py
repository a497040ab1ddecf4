"""Loose files with the documents that they are copies of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from longshore.graph import keys
from longshore.graph.asserting import store_assertions, withdraw_assertions
from longshore.graph.assertions import asserted_by
from longshore.graph.candidates import described_documents, described_items, loose_files
from longshore.graph.db import Connection
from longshore.graph.documents import describe_documents, hold_documents
from longshore.graph.loose import Loose, placed

_Key = tuple[str, str]
_AT_ONCE = 200
"""Files that are moved between two beats of the caller's heart."""


async def unite_files(connection: Connection, project: str) -> None:
    """Place every loose file anew: what it was written with was all that was there then, and may have gone since."""
    files = await loose_files(connection, project)
    if not files:
        return
    homes = await asyncio.to_thread(placed, files, await described_documents(connection, project, files))
    moving = [file for file in files if file.document != keys.document_id(homes[file.key])]
    for start in range(0, len(moving), _AT_ONCE):
        await _move(connection, project, moving[start : start + _AT_ONCE], homes)
    async with connection.cursor() as writer:
        await writer.executemany(_TELL, [(project, *file.key) for file in moving])


async def _move(connection: Connection, project: str, files: Sequence[Loose], homes: Mapping[_Key, str]) -> None:
    documents = {file.key: keys.document_id(homes[file.key]) for file in files}
    touched = {file.document for file in files if file.document} | set(documents.values())
    await hold_documents(connection, project, touched, {documents[key]: homes[key] for key in documents})
    await withdraw_assertions(connection, project, [keys.item_origin(*key) for key in documents])
    rows = [(document, project, *key) for key, document in documents.items()]
    async with connection.cursor() as writer:
        await writer.executemany(_MOVE_ITEM, rows)
        await writer.executemany(_MOVE_PARTS, rows)
    items = await described_items(connection, project, list(documents))
    await store_assertions(
        connection,
        project,
        [(keys.item_origin(*key), documents[key], asserted_by(item, documents[key])) for key, item in items.items()],
    )
    await describe_documents(connection, project, touched)


_MOVE_ITEM = "update items set document_id = %s where project = %s and source_key = %s and item_key = %s"
_MOVE_PARTS = "update document_parts set document_id = %s where project = %s and source_key = %s and item_key = %s"
# The item of the import that brought the file tells where it is now.
_TELL = """
    update import_items n set document_id = i.document_id, detail = case when exists (
        select from items o where o.project = i.project and o.document_id = i.document_id
        and (o.source_key, o.item_key) <> (i.source_key, i.item_key)
    ) then 'Another item is the same work; they are one document.' end
    from items i
    where i.project = %s and i.source_key = %s and i.item_key = %s
      and n.project = i.project and n.import_id = i.import_id and n.item_key = i.item_key and n.state = 'done'
"""
