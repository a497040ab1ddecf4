"""An import without the engine: the store's own functions, called one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from longshore.embedding.static import StaticEmbedder
from longshore.extraction.concepts import CValueExtractor
from longshore.graph import linking, parts, planning, records, writing
from longshore.graph.db import Connection, Pool
from longshore.graph.linking.derived import Bucket
from longshore.ids import source_of
from longshore.parsing.inline import parse_text
from longshore.parsing.version import parser_version
from longshore.sources.model import Attachment, Creator, Item
from workflows.contracts import ClosingRecord, GraphCounts, ItemCounts, Progress, Submission


def entry(key: str, title: str, item_type: str = "journalArticle", **fields: Any) -> Item:
    """An entry with an abstract and, unless others are given, one author."""
    fields.setdefault("abstract", f"{title}. This text is about {title.lower()} and about knowledge graphs.")
    fields.setdefault("creators", (Creator(role="author", family="Example", given="Author"),))
    return Item(key=key, kind="entry", item_type=item_type, title=title, **fields)


def attachment(text: str, path: str) -> Attachment:
    return Attachment(path=path, title="Full Text", sha256=hashlib.sha256(text.encode()).hexdigest(), size=len(text))


async def bring_in(
    pool: Pool, project: str, items: Sequence[Item], source_key: str = "zotero.shelf", files: Sequence[str] = ()
) -> None:
    """Import a source; `files` are the texts of its attachments."""
    import_id = f"{source_key}.{uuid4().hex[:12]}"
    submission = Submission(
        project=project,
        import_id=import_id,
        source_key=source_key,
        kind="zotero",
        name=source_key,
        manifest="0" * 64,
        digest=import_id,
        submitted_at=datetime.now(UTC),
    ).model_dump(mode="json")
    async with pool.connection() as connection:
        await records.open_record(connection, submission, "run")
        async for _ in planning.record_plan(connection, project, import_id, source_key, items):
            pass
        plan = await planning.read_plan(connection, project, import_id)
    for batch in range(plan["batches"]):
        async with pool.connection() as connection:
            await _read(connection, project, import_id, batch, files)
            await writing.write_batch(connection, project, import_id, source_key, batch, parser_version)
    async with pool.connection() as connection:
        steps = await linking.plan_steps(connection, project)
    for step, buckets in steps:
        for bucket in range(buckets):
            async with pool.connection() as connection:
                extractor, embedder = _extractor().name, _embedder().model
                await linking.run_step(connection, project, step, Bucket(bucket, buckets), extractor, embedder)
    async with pool.connection() as connection:
        await records.close_record(connection, project, import_id, "run", (), _record(project, import_id, len(items)))


def _record(project: str, import_id: str, items: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    counts = ItemCounts(total=items, added=items)
    return ClosingRecord(
        project=project,
        import_id=import_id,
        source_key=source_of(import_id),
        state="succeeded",
        items=counts,
        graph=GraphCounts(),
        progress=Progress(
            import_id=import_id, state="running", fraction=0.9, stages=(), items=counts, started_at=now, updated_at=now
        ),
        started_at=now,
        closed_at=now,
    ).model_dump(mode="json")


async def _read(connection: Connection, project: str, import_id: str, batch: int, files: Sequence[str]) -> None:
    texts = {hashlib.sha256(text.encode()).hexdigest(): text for text in files}
    items = await writing.pending_items(connection, project, import_id, batch)
    refs = [part for item in items for part in parts.parts_of(item, parser_version)]
    for part in refs:
        parsed = parse_text(part.text or texts[part.sha256], part.media_type or "text/plain")
        await parts.store_parsed(connection, project, part, parsed)
    ids = [part.part_id for part in refs]
    for part_id, passages in (await parts.unextracted(connection, project, ids, _extractor().name)).items():
        await parts.store_mentions(connection, project, part_id, _extractor().name, _extractor().extract(passages))
    if todo := await parts.unembedded(connection, project, ids, _embedder().model):
        hashes, unembedded = zip(*todo, strict=True)
        await parts.store_vectors(connection, _embedder().model, hashes, _embedder().embed(unembedded))


@cache
def _embedder() -> StaticEmbedder:
    return StaticEmbedder()


@cache
def _extractor() -> CValueExtractor:
    return CValueExtractor()
