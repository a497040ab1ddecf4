"""A small import without the engine: the same store functions, called one after the other."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from longshore.embedding.static import StaticEmbedder
from longshore.extraction.concepts import CValueExtractor
from longshore.graph import linking, parts, planning, records, writing
from longshore.graph.db import Pool
from longshore.graph.linking.derived import Bucket
from longshore.graph.loose import Front
from longshore.parsing.inline import parse_text
from longshore.parsing.version import parser_version
from longshore.sources.model import Attachment, Creator, Item

PROJECT = "shelf"
Importer = Callable[..., Awaitable[dict[str, int]]]


def entry(key: str, title: str, **fields: Any) -> Item:
    """A journal article with an abstract that is its own."""
    fields.setdefault("abstract", f"{title}. This text is about {title.lower()} and about knowledge graphs.")
    fields.setdefault("creators", (Creator(role="author", family="Example", given="Author"),))
    return Item(key=key, kind="entry", item_type="journalArticle", title=title, **fields)


def attachment(text: str, path: str = "files/1/a.txt") -> Attachment:
    return Attachment(path=path, title="Full Text", sha256=hashlib.sha256(text.encode()).hexdigest(), size=len(text))


async def until_somebody_waits(pool: Pool) -> None:
    """Until one transaction waits for a lock that another one holds."""
    async with asyncio.timeout(20):
        while True:
            async with pool.connection() as connection:
                cursor = await connection.execute(
                    "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                )
                if await cursor.fetchone():
                    return
            await asyncio.sleep(0.01)


@pytest.fixture(scope="session")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.fixture(scope="session")
def extractor() -> CValueExtractor:
    return CValueExtractor()


@pytest.fixture
def run_import(pool: Pool, embedder: StaticEmbedder, extractor: CValueExtractor) -> Importer:
    """Import items as a source. Returns the item counts.

    Files are given by their texts; `fronts` by a text says what its file shows of itself.
    """

    async def prepare(
        import_id: str, batch: int, parser: str, texts: dict[str, str], fronts: Mapping[str, Front]
    ) -> None:
        """Parse, extract and embed, each part in a transaction of its own, as the activities do."""
        async with pool.connection() as connection:
            pending = await writing.pending_items(connection, PROJECT, import_id, batch)
        refs = [part for item in pending for part in parts.parts_of(item, parser)]
        ids = [part.part_id for part in refs]
        for part in refs:
            text = part.text or texts[part.sha256]
            parsed = parse_text(text, part.media_type or "text/plain")
            if front := fronts.get(text):
                parsed = parsed.model_copy(update={"title": front.title, "about": front.about})
            async with pool.connection() as connection:
                await parts.store_parsed(connection, PROJECT, part, parsed)
        async with pool.connection() as connection:
            unseen = await parts.unextracted(connection, PROJECT, ids, extractor.name)
        for part_id, passages in unseen.items():
            mentions = extractor.extract(passages)
            async with pool.connection() as connection:
                await parts.store_mentions(connection, PROJECT, part_id, extractor.name, mentions)
        async with pool.connection() as connection:
            if unembedded := await parts.unembedded(connection, PROJECT, ids, embedder.model):
                hashes, passages_to_embed = zip(*unembedded, strict=True)
                await parts.store_vectors(connection, embedder.model, hashes, embedder.embed(passages_to_embed))

    async def run(
        import_id: str,
        items: Sequence[Item] = (),
        source_key: str = "zotero.shelf",
        files: Sequence[str] = (),
        order: Callable[[list[int]], list[int]] = lambda batches: batches,
        undo_of: str | None = None,
        retry_of: str | None = None,
        remove: bool = False,
        fronts: Mapping[str, Front] = MappingProxyType({}),
        parser: str = parser_version,
        reparse: bool = False,
    ) -> dict[str, int]:
        texts = {hashlib.sha256(text.encode()).hexdigest(): text for text in files}
        submission = {"project": PROJECT, "import_id": import_id, "source_key": source_key}
        async with pool.connection() as connection:
            await records.open_record(connection, {**submission, "kind": "zotero", "name": "shelf"}, "run")
            if undo_of:
                await planning.record_undo(connection, PROJECT, import_id, source_key, undo_of)
            elif retry_of:
                await planning.record_retry(connection, PROJECT, import_id, source_key, retry_of, ())
            elif remove:
                await planning.record_removal(connection, PROJECT, import_id, source_key)
            else:
                asked = parser if reparse else None
                async for _ in planning.record_plan(connection, PROJECT, import_id, source_key, items, asked):
                    pass
            plan = await planning.read_plan(connection, PROJECT, import_id)
        for batch in order(list(range(plan["batches"]))):
            await prepare(import_id, batch, parser, texts, fronts)
            async with pool.connection() as connection:
                await writing.write_batch(connection, PROJECT, import_id, source_key, batch, parser)
        for batch in range(plan["batches"], plan["batches"] + plan["retire_batches"]):
            async with pool.connection() as connection:
                await writing.retire_batch(connection, PROJECT, import_id, source_key, batch)
        async with pool.connection() as connection:
            steps = await linking.plan_steps(connection, PROJECT)
        for step, buckets in steps:
            for bucket in range(buckets):
                async with pool.connection() as connection:
                    await linking.run_step(
                        connection, PROJECT, step, Bucket(bucket, buckets), extractor.name, embedder.model
                    )
        async with pool.connection() as connection:
            counts = await records.count_items(connection, PROJECT, import_id)
            closed_at = datetime.now(UTC).isoformat()
            record = {"state": "succeeded", "closed_at": closed_at}
            await records.close_record(connection, PROJECT, import_id, "run", (), record)
        return counts

    return run
