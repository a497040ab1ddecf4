"""SAME_AS: documents of different identity that are the same work: one file, or one title by one first author."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable
from uuid import UUID

from longshore.graph.db import Connection
from longshore.graph.linking.derived import Bucket, DerivedEdge, replace_edges

_TELLING_TITLE = 20
"""Letters and digits; shorter titles ("Introduction") are shared by different works."""


async def link_duplicates(connection: Connection, project: str, bucket: Bucket) -> None:
    """Every document of a group is tied to its first by identity: a star, not all pairs."""
    groups: defaultdict[Hashable, dict[str, UUID]] = defaultdict(dict)
    cursor = await connection.execute(
        "select d.document_id, d.identity, d.title, d.metadata->'creators'->0->>'family' as author, "
        "array(select distinct t.sha256 from document_parts p join parts t using (project, part_id) "
        "where p.project = d.project and p.document_id = d.document_id and p.kind = 'attachment') as files "
        "from documents d where d.project = %s",
        (project,),
    )
    for row in await cursor.fetchall():
        for file in row["files"]:
            groups[file][row["identity"]] = row["document_id"]
        title = _folded(row["title"])
        if row["author"] and len(title) >= _TELLING_TITLE:
            groups[title, _folded(row["author"])][row["identity"]] = row["document_id"]
    pairs: dict[tuple[UUID, UUID], None] = {}
    for group in groups.values():
        first, *others = sorted(group)
        pairs |= {(group[first], group[other]): None for other in others}
    edges = [DerivedEdge("SAME_AS", first, other, None, (first, other)) for first, other in pairs]
    await replace_edges(connection, project, "link:duplicates", bucket, edges)


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
