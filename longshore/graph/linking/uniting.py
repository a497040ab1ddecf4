"""Loose files with the documents that they are copies of."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from longshore.graph import keys
from longshore.graph.asserting import store_assertions, withdraw_assertions
from longshore.graph.assertions import asserted_by
from longshore.graph.candidates import described_documents, loose_files
from longshore.graph.db import Connection
from longshore.graph.documents import describe_documents, hold_documents
from longshore.graph.loose import Loose, placed


async def unite_files(connection: Connection, project: str) -> None:
    """Place every loose file anew: what it was written with was all that was there then, and may have gone since."""
    files = await loose_files(connection, project)
    if not files:
        return
    homes = placed(files, await described_documents(connection, project, files))
    cursor = await connection.execute(
        "select i.source_key, i.item_key, i.document_id from items i "
        "where i.project = %s and i.payload->>'kind' = 'attachment'",
        (project,),
    )
    current = {(row["source_key"], row["item_key"]): row["document_id"] for row in await cursor.fetchall()}
    moving = [file for file in files if current[file.key] != keys.document_id(homes[file.key])]
    if moving:
        await _move(connection, project, moving, homes, {current[file.key] for file in moving})


async def _move(
    connection: Connection,
    project: str,
    files: list[Loose],
    homes: Mapping[tuple[str, str], str],
    left: set[UUID],
) -> None:
    documents = {file.key: keys.document_id(homes[file.key]) for file in files}
    touched = left | set(documents.values())
    await hold_documents(connection, project, touched, {documents[key]: homes[key] for key in documents})
    await withdraw_assertions(connection, project, [keys.item_origin(*file.key) for file in files])
    rows = [(documents[file.key], project, *file.key) for file in files]
    async with connection.cursor() as writer:
        for statement in (_MOVE_ITEM, _MOVE_PARTS, _TELL):
            await writer.executemany(statement, rows)
    await store_assertions(
        connection,
        project,
        [
            (keys.item_origin(*file.key), documents[file.key], asserted_by(file.item, documents[file.key]))
            for file in files
        ],
    )
    await describe_documents(connection, project, touched)


_MOVE_ITEM = "update items set document_id = %s where project = %s and source_key = %s and item_key = %s"
_MOVE_PARTS = "update document_parts set document_id = %s where project = %s and source_key = %s and item_key = %s"
# The item of the import that brought the file tells where it is now.
_TELL = """
    update import_items n set document_id = %s, detail = case when exists (
        select from items o where o.project = i.project and o.document_id = i.document_id
        and (o.source_key, o.item_key) <> (i.source_key, i.item_key)
    ) then 'Another item is the same work; they are one document.' end
    from items i
    where i.project = %s and i.source_key = %s and i.item_key = %s
      and n.project = i.project and n.import_id = i.import_id and n.item_key = i.item_key and n.state = 'done'
"""
