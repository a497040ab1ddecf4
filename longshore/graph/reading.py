"""Documents as they are read: in lists, and one with its passages."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from longshore.graph.bylines import authors_of
from longshore.graph.db import Connection
from longshore.graph.filters import Filters
from longshore.sources.model import Creator

_PLACE = 'lower(left(d.title, 200)) collate "C"'
"""What documents are sorted by, before their id."""
_LISTED = "d.document_id as id, d.title, d.year, d.kind, d.doi, d.metadata"
# Families are also written together with the given name, as Korean readers ask for them.
_HOLDS_WORDS = """
    not exists (
        select from unnest(%(words)s::text[]) as word where strpos(
            lower(d.title || ' ' || coalesce((
                select string_agg(concat_ws(' ', c->>'given', concat(c->>'family', c->>'given'), c->>'family'), ' ')
                from jsonb_array_elements(d.metadata->'creators') as c
            ), '')), lower(word)) = 0
    )
"""


class ListedDocument(BaseModel):
    """A document as it stands in a list."""

    id: UUID
    title: str
    authors: list[str]
    year: int | None
    kind: str
    """The source's own type, for example `journalArticle`."""
    doi: str | None
    venue: str | None


class Metadata(BaseModel):
    """What the items that assert a document say of it."""

    creators: list[Creator] = []
    date: str | None = None
    arxiv: str | None = None
    isbn: str | None = None
    issn: str | None = None
    url: str | None = None
    venue: str | None = None
    publisher: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    abstract: str | None = None
    language: str | None = None


class PartPassage(BaseModel):
    """A passage. Offsets count Unicode characters in the part's whole text; pages and lines count from 1."""

    ordinal: int
    page: int | None
    first_line: int | None
    """Null, as is the last, where the file has no lines of its own."""
    last_line: int | None
    heading: str | None
    """Headings or symbols that it stands under, outermost first, as in `class Crane > def lift`."""
    start: int
    end: int
    text: str


class DocumentPart(BaseModel):
    """A text of a document: of a file, an abstract or a note."""

    id: UUID
    kind: Literal["attachment", "abstract", "note"]
    label: str
    """The file's path in its source, or the note's place."""
    pages: int | None
    characters: int
    passages: list[PartPassage]


class AssertingItem(BaseModel):
    key: str
    """Of the source."""
    item: str


class Document(ListedDocument):
    """A document with all that is known of itself."""

    metadata: Metadata
    parts: list[DocumentPart]
    sources: list[AssertingItem]
    """The items that assert it."""


@dataclass(frozen=True)
class Place:
    """Where a document stands in the order of lists."""

    title: str
    id: UUID


async def list_documents(
    connection: Connection, project: str, words: str | None, filters: Filters, after: Place | None, limit: int
) -> list[tuple[Place, ListedDocument]]:
    """Documents by title, from the one after `after` on.

    Args:
        words: Each must occur in the title or in the name of a creator, as a part of a word at least.
    """
    conditions = ["d.project = %(project)s", filters.condition()]
    parameters: dict[str, Any] = {"project": project, "limit": limit, **filters.parameters()}
    if words:
        conditions.append(_HOLDS_WORDS)
        parameters["words"] = unicodedata.normalize("NFC", words).split()
    if after:
        conditions.append(f"({_PLACE}, d.document_id) > (%(title)s, %(id)s)")
        parameters |= {"title": after.title, "id": after.id}
    cursor = await connection.execute(
        f"select {_LISTED}, {_PLACE} as place from documents d where {' and '.join(conditions)} "
        f"order by {_PLACE}, d.document_id limit %(limit)s",
        parameters,
    )
    return [(Place(row["place"], row["id"]), ListedDocument(**_shown(row))) for row in await cursor.fetchall()]


async def read_document(connection: Connection, project: str, document: UUID) -> Document | None:
    """The document with its parts (abstract, notes, files) and their passages in order."""
    cursor = await connection.execute(
        f"select {_LISTED} from documents d where d.project = %s and d.document_id = %s", (project, document)
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    cursor = await connection.execute(
        "select source_key as key, item_key as item from items where project = %s and document_id = %s "
        'order by source_key collate "C", item_key collate "C"',
        (project, document),
    )
    sources = [AssertingItem(**item) for item in await cursor.fetchall()]
    return Document(
        **_shown(row),
        metadata=Metadata(**row["metadata"]),
        parts=await _parts(connection, project, document),
        sources=sources,
    )


async def _parts(connection: Connection, project: str, document: UUID) -> list[DocumentPart]:
    """Each text once, however many items bring it."""
    cursor = await connection.execute(
        """
        with shown as (
            select distinct on (part_id) part_id, kind, label from document_parts
            where project = %(project)s and document_id = %(document)s
            order by part_id, kind, label collate "C", source_key collate "C", item_key collate "C"
        )
        select shown.part_id as id, kind, label, pages, characters,
               coalesce((
                   select jsonb_agg(jsonb_build_object(
                       'ordinal', ordinal, 'page', page, 'first_line', first_line, 'last_line', last_line,
                       'heading', heading, 'start', start_offset, 'end', end_offset, 'text', text) order by ordinal)
                   from chunks c where c.project = p.project and c.part_id = p.part_id
               ), '[]') as passages
        from shown join parts p on p.project = %(project)s and p.part_id = shown.part_id
        order by array_position(array['abstract', 'note', 'attachment'], kind), label collate "C", id
        """,
        {"project": project, "document": document},
    )
    return [DocumentPart(**row) for row in await cursor.fetchall()]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    metadata = row["metadata"]
    named = {name: row[name] for name in ("id", "title", "year", "kind", "doi")}
    return {**named, "authors": authors_of(metadata.get("creators")), "venue": metadata.get("venue")}
