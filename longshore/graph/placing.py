"""Which document a loose file belongs to, as far as the project is known when the file is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from uuid import UUID

from longshore.graph.candidates import described_documents, loose_files
from longshore.graph.db import Connection
from longshore.graph.loose import Loose, placed


async def place_files(connection: Connection, project: str, files: Sequence[Loose]) -> dict[tuple[str, str], str]:
    """The identities of their documents, by source and item key. What is not committed yet is left to linking."""
    own = {file.key for file in files}
    others = [file for file in await loose_files(connection, project, files) if file.key not in own]
    homes = placed([*files, *others], await described_documents(connection, project, files))
    return {key: homes[key] for key in own}


async def mark_duplicates(
    connection: Connection,
    project: str,
    import_id: str,
    source_key: str,
    added: Mapping[str, UUID],
    taken: Set[UUID],
) -> None:
    """Call those of the added items duplicates that turned out to be documents the project has, all but the first of
    each. The caller holds the documents, so that of two batches only one takes itself for the first.

    Args:
        added: Documents that items belong to, by the items' keys.
        taken: Documents of other items that are written with them.
    """
    cursor = await connection.execute(
        """
        select distinct g.document_id from items g
        where g.project = %(project)s and g.document_id = any(%(documents)s)
          and not (g.source_key = %(source)s and g.item_key = any(%(keys)s))
          and not exists (select from import_items i where i.project = g.project and i.import_id = %(import_id)s
                          and g.source_key = %(source)s and i.item_key = g.item_key and i.change = 'duplicate')
        """,
        {
            "project": project,
            "import_id": import_id,
            "source": source_key,
            "keys": list(added),
            "documents": list(added.values()),
        },
    )
    known = {row["document_id"] for row in await cursor.fetchall()} | taken
    repeated: list[str] = []
    for key, document in sorted(added.items()):
        if document in known:
            repeated.append(key)
        known.add(document)
    await connection.execute(
        "update import_items set change = 'duplicate' where project = %s and import_id = %s and item_key = any(%s)",
        (project, import_id, repeated),
    )
