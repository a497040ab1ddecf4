"""Parts: the texts of an item, each kept once under the hash of its content."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from numpy import float16, float32
from numpy.typing import NDArray

from longshore.extraction.base import Mention
from longshore.graph import keys
from longshore.graph.db import Connection
from longshore.graph.lexicon import tokens
from longshore.parsing.model import Parsed, ParseFailure
from longshore.parsing.sniffing import promised
from longshore.sources.model import Attachment, Item

PartKind = Literal["attachment", "abstract", "note"]

ABSTRACT_TYPE = "text/plain"
NOTE_TYPE = "text/html"


@dataclass(frozen=True)
class PartRef:
    """A text that an item brings. `text` is set for what stands in the source itself, else the bytes are a blob."""

    part_id: UUID
    kind: PartKind
    label: str
    sha256: str
    media_type: str | None
    text: str | None = None


def parts_of(item: Item, parser_version: str) -> list[PartRef]:
    """The item's texts, in the order of abstract, notes, files; files that were not brought are left out."""
    found: dict[UUID, PartRef] = {}

    def add(part: PartRef) -> None:
        found.setdefault(part.part_id, part)

    if item.abstract.strip():
        add(_inline(item.abstract, "abstract", "abstract", ABSTRACT_TYPE, parser_version))
    for number, note in enumerate(item.notes, start=1):
        add(_inline(note, "note", f"note {number}", NOTE_TYPE, parser_version))
    for attachment in item.attachments:
        if attachment.sha256:
            add(
                PartRef(
                    keys.part_id(attachment.sha256, _handling(attachment), parser_version),
                    "attachment",
                    attachment.path or attachment.title,
                    attachment.sha256,
                    attachment.media_type,
                )
            )
    return list(found.values())


def _handling(attachment: Attachment) -> str:
    """Equal bytes are read alike where their names promise alike: a script is no prose, whoever came first."""
    return f"file {promised(attachment.media_type, attachment.path or attachment.title)}"


def _inline(text: str, kind: PartKind, label: str, media_type: str, parser_version: str) -> PartRef:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return PartRef(keys.part_id(sha256, media_type, parser_version), kind, label, sha256, media_type, text)


async def unparsed(connection: Connection, project: str, part_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the parts that have not been parsed yet, successfully or not."""
    cursor = await connection.execute(
        "select part_id from parts where project = %s and part_id = any(%s)", (project, list(part_ids))
    )
    return set(part_ids) - {row["part_id"] for row in await cursor.fetchall()}


async def store_parsed(connection: Connection, project: str, part: PartRef, parsed: Parsed) -> None:
    """Keep a part's text. The first attempt that commits decides; a second one changes nothing.

    Postgres has no U+0000 in texts; a space takes its place, so that offsets stay true.
    """
    cursor = await connection.execute(
        "insert into parts (project, part_id, sha256, title, about, pages, characters, cited_dois, refers_to) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        (
            project,
            part.part_id,
            part.sha256,
            parsed.title and _storable(parsed.title),
            parsed.about.model_dump_json(exclude_defaults=True),
            parsed.pages,
            parsed.characters,
            list(parsed.cited_dois),
            json.dumps([[reference.kind, _storable(reference.target)] for reference in parsed.references]),
        ),
    )
    if not cursor.rowcount:
        return
    rows = await asyncio.to_thread(_chunk_rows, project, part, parsed)
    async with connection.cursor() as writer:
        await writer.executemany(
            "insert into chunks (project, part_id, ordinal, start_offset, end_offset, page, first_line, last_line, "
            "heading, prose, text, text_hash, lexemes) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, to_tsvector('simple', %s))",
            rows,
        )


def _chunk_rows(project: str, part: PartRef, parsed: Parsed) -> list[tuple[Any, ...]]:
    return [
        (
            project,
            part.part_id,
            ordinal,
            chunk.start,
            chunk.end,
            chunk.page,
            *(chunk.lines or (None, None)),
            chunk.heading and _storable(chunk.heading),
            chunk.prose and _storable(chunk.prose),
            text,
            keys.text_hash(text),
            " ".join(tokens(text)),
        )
        for ordinal, chunk in enumerate(parsed.chunks)
        for text in [_storable(chunk.text)]
    ]


def _storable(text: str) -> str:
    return text.replace("\0", " ")


async def store_failure(connection: Connection, project: str, part: PartRef, failure: ParseFailure) -> None:
    """Keep why a part has no text, so that the same bytes are not tried again by every import."""
    await connection.execute(
        "insert into parts (project, part_id, sha256, code, detail) values (%s, %s, %s, %s, %s) on conflict do nothing",
        (project, part.part_id, part.sha256, failure.code, _storable(str(failure))[:2000]),
    )


async def forget_failures(connection: Connection, project: str, import_id: str, codes: Sequence[str] = ()) -> None:
    """Let the texts of an import's pending items that could not be read be tried again.

    Args:
        codes: Only what could not be read for one of these reasons; all if empty.
    """
    await connection.execute(
        """
        with items as (
            select payload from import_items
            where project = %(project)s and import_id = %(import_id)s and state = 'pending' and change <> 'removed'
        ), wanted as (
            select a->>'sha256' as sha256 from items, jsonb_array_elements(payload->'attachments') a
            union select encode(sha256(convert_to(text, 'UTF8')), 'hex') from items, lateral (
                select payload->>'abstract' as text
                union all select jsonb_array_elements_text(coalesce(payload->'notes', '[]'))) inline
        )
        delete from parts p using wanted
        where p.project = %(project)s and p.sha256 = wanted.sha256 and p.code is not null
          and (%(all)s or p.code = any(%(codes)s))
        """,
        {"project": project, "import_id": import_id, "all": not codes, "codes": list(codes)},
    )


async def unextracted(
    connection: Connection, project: str, part_ids: Sequence[UUID], extractor: str
) -> dict[UUID, list[str]]:
    """What the readable parts that this extractor has not seen say in words, passage by passage, in order."""
    cursor = await connection.execute(
        "select c.part_id, array_agg(coalesce(c.prose, c.text) order by c.ordinal) as passages from chunks c "
        "where c.project = %(project)s and c.part_id = any(%(parts)s) and not exists (select from extractions e "
        "where e.project = c.project and e.part_id = c.part_id and e.extractor = %(extractor)s) "
        "group by c.part_id order by c.part_id",
        {"project": project, "parts": list(part_ids), "extractor": extractor},
    )
    return {row["part_id"]: row["passages"] for row in await cursor.fetchall()}


async def extracted_otherwise(
    connection: Connection, project: str, source_key: str, extractor: str, most: int
) -> list[UUID]:
    """Some texts that a source brings and that only other extractors have searched, in a fixed order."""
    cursor = await connection.execute(
        "select distinct d.part_id from document_parts d where d.project = %(project)s and d.source_key = %(source)s "
        "and exists (select from extractions e where e.project = d.project and e.part_id = d.part_id) "
        "and not exists (select from extractions e where e.project = d.project and e.part_id = d.part_id "
        "and e.extractor = %(extractor)s) order by d.part_id limit %(most)s",
        {"project": project, "source": source_key, "extractor": extractor, "most": most},
    )
    return [row["part_id"] for row in await cursor.fetchall()]


async def read_otherwise(
    connection: Connection, project: str, source_key: str, items: Sequence[Item], parser_version: str
) -> set[str]:
    """Keys of those items with a text in the graph that another parser has read."""
    cursor = await connection.execute(
        "select item_key, array_agg(part_id) as parts from document_parts "
        "where project = %s and source_key = %s and item_key = any(%s) group by item_key",
        (project, source_key, [item.key for item in items]),
    )
    shown = {row["item_key"]: set(row["parts"]) for row in await cursor.fetchall()}
    now = {item.key: {part.part_id for part in parts_of(item, parser_version)} for item in items}
    return {key for key, parts in shown.items() if not parts <= now[key]}


async def store_mentions(
    connection: Connection, project: str, part_id: UUID, extractor: str, mentions: Sequence[Mention]
) -> None:
    await connection.execute(
        "insert into extractions (project, part_id, extractor, mentions) values (%s, %s, %s, %s) "
        "on conflict do nothing",
        (project, part_id, extractor, json.dumps([mention.model_dump() for mention in mentions])),
    )


async def unembedded(
    connection: Connection, project: str, part_ids: Sequence[UUID], model: str
) -> list[tuple[UUID, str]]:
    """Hash and text of the passages that have no vector of this model, each text once, sorted by hash."""
    await keys.rely_on_derived(connection)
    cursor = await connection.execute(
        "select distinct on (c.text_hash) c.text_hash, c.text from chunks c "
        "where c.project = %(project)s and c.part_id = any(%(parts)s) and not exists "
        "(select from embeddings e where e.text_hash = c.text_hash and e.model = %(model)s) order by c.text_hash",
        {"project": project, "parts": list(part_ids), "model": model},
    )
    return [(row["text_hash"], row["text"]) for row in await cursor.fetchall()]


async def store_vectors(
    connection: Connection,
    model: str,
    text_hashes: Sequence[UUID],
    vectors: NDArray[float32],
    made_by: str | None = None,
) -> None:
    """Keep vectors, shape (len(text_hashes), dimensions); a row of zeros is kept as null, for it has no direction.

    Args:
        made_by: The provider, if it was asked in the place of another.
    """
    async with connection.cursor() as writer:
        await writer.executemany(
            "insert into embeddings (text_hash, model, vector, made_by) values (%s, %s, %s::halfvec, %s) "
            "on conflict do nothing",
            [
                (text_hash, model, str(vector.astype(float16).tolist()) if vector.any() else None, made_by)
                for text_hash, vector in zip(text_hashes, vectors, strict=True)
            ],
        )


async def count_chunks(connection: Connection, project: str, part_ids: Sequence[UUID]) -> int:
    cursor = await connection.execute(
        "select count(*) as chunks from chunks where project = %s and part_id = any(%s)", (project, list(part_ids))
    )
    row = await cursor.fetchone()
    return int(row["chunks"]) if row else 0
