"""Edges between the files of a source, from what their texts say and where they lie."""

from __future__ import annotations

import asyncio
import posixpath
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import DictRow

from longshore.graph.db import Connection
from longshore.graph.linking.derived import Bucket, DerivedEdge, replace_edges
from longshore.graph.linking.files.resolving import resolve
from longshore.graph.linking.files.tree import FileTree

_LINKS = frozenset({"link", "wiki", "latex"})

# Only where the path names the item is it the file's place; elsewhere, as in Zotero's exports, it says nothing.
_IN_PLACE = "d.project = %(project)s and d.kind = 'attachment' and d.label = d.item_key"


async def link_files(connection: Connection, project: str, bucket: Bucket) -> None:
    """LINKS_TO and IMPORTS, from the documents of the bucket to those that they name in the same source.

    A file that several sources or places bring is one document: it names what it names at each of them.
    """
    cursor = await connection.execute(
        f"select source_key, item_key as path, document_id from document_parts d where {_IN_PLACE} "
        'order by source_key collate "C", item_key collate "C", part_id',
        {"project": project},
    )
    documents: defaultdict[str, dict[str, UUID]] = defaultdict(dict)
    for row in await cursor.fetchall():
        documents[row["source_key"]][row["path"]] = row["document_id"]
    modules: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in await _references(connection, project, "refers_to @> '[[\"go-module\"]]'"):
        for kind, target in row["refers_to"]:
            if kind == "go-module":
                modules[row["source_key"]][posixpath.dirname(row["path"])] = target
    rows = await _references(connection, project, bucket.condition("d.document_id"))
    # Left to a thread: the caller's loop has a heart to beat.
    edges = await asyncio.to_thread(_edges, documents, modules, rows)
    await replace_edges(connection, project, "link:files", bucket, edges)


async def _references(connection: Connection, project: str, condition: str) -> list[DictRow]:
    cursor = await connection.execute(
        "select d.source_key, d.item_key as path, d.document_id, p.refers_to "
        "from document_parts d join parts p using (project, part_id) "
        f"where {_IN_PLACE} and p.refers_to <> '[]' and {condition}",
        {"project": project},
    )
    return await cursor.fetchall()


def _edges(
    documents: dict[str, dict[str, UUID]], modules: dict[str, dict[str, str]], rows: Sequence[DictRow]
) -> list[DerivedEdge]:
    trees = {
        source: FileTree(documents[source], modules.get(source, {})) for source in {row["source_key"] for row in rows}
    }
    found = set()
    for row in rows:
        source, path, document = row["source_key"], row["path"], row["document_id"]
        for kind, target in row["refers_to"]:
            edge = "LINKS_TO" if kind in _LINKS else "IMPORTS"
            for named in resolve(trees[source], kind, target, path):
                if (other := documents[source][named]) != document:
                    found.add(DerivedEdge(edge, document, other, None, (document,)))
    return list(found)
