"""What is done to a batch: parsed, searched for concepts, embedded, written; or retired."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from functools import partial
from uuid import UUID

from temporalio import activity

from activities.errors import translated
from activities.heartbeat import Beat, beating
from activities.quarantine import watching
from longshore.blobs import BlobStore
from longshore.embedding.base import Embedder
from longshore.embedding.choosing import Embedders
from longshore.extraction.base import Extractor
from longshore.graph import indexes, linking, parts, sharing, writing
from longshore.graph.db import Pool
from longshore.graph.linking.derived import Bucket
from longshore.graph.parts import PartRef
from longshore.graph.pipelines import pipeline_of
from longshore.graph.sharing import SoleReaders
from longshore.parsing.inline import parse_text
from longshore.parsing.model import Parsed, ParseFailure
from longshore.parsing.pool import ParserPool
from longshore.parsing.version import version_for
from longshore.pipeline import Pipeline
from workflows.contracts import BatchOutcome, BatchRef, FailBatch, ImportRef, LinkBatch, StepOutcome

EMBED_TEXTS = 256
"""Passages that are embedded and committed together; at most these are done twice after a kill."""


EXTRACT_TEXTS = 200
"""Texts that are searched again by one activity."""


class BatchActivities:
    def __init__(
        self,
        pool: Pool,
        blobs: BlobStore,
        parsers: ParserPool,
        extractor: Extractor,
        embedders: Embedders,
    ) -> None:
        self._pool = pool
        self._blobs = blobs
        self._parsers = parsers
        self._readers = SoleReaders(pool)
        self._extractor = extractor
        self._embedders = embedders

    @activity.defn(name="parse_batch")
    async def parse_batch(self, ref: BatchRef) -> StepOutcome:
        async with beating() as beat:
            with translated():
                items, refs = await self.texts(ref)
                async with self._pool.connection() as connection:
                    others = await sharing.family(connection, ref.project)
                    if others:
                        await sharing.adopt_parts(connection, ref.project, others, _ids(refs))
                    todo = await parts.unparsed(connection, ref.project, _ids(refs))
                beat.total = len(todo)
                waiting = [part for part in refs if part.part_id in todo]
                passage = (await self._pipeline(ref.project)).passage
                async with watching(self._pool, ref, "parse") as trial:
                    if trial:
                        for part in waiting:
                            await trial.take(part, partial(self._parse, ref.project, others, part, passage, beat))
                    else:
                        await _all_or_first_error(
                            [self._parse(ref.project, others, part, passage, beat) for part in waiting]
                        )
                return await self._outcome(ref, items, refs)

    @activity.defn(name="extract_batch")
    async def extract_batch(self, ref: BatchRef) -> StepOutcome:
        async with beating() as beat:
            with translated():
                items, refs = await self.texts(ref)
                name = self._extractor.name
                async with self._pool.connection() as connection:
                    if others := await sharing.family(connection, ref.project):
                        await sharing.adopt_extractions(connection, ref.project, others, _ids(refs), name)
                    todo = await parts.unextracted(connection, ref.project, _ids(refs), name)
                beat.total = len(todo)
                async with watching(self._pool, ref, "extract") as trial:
                    for part in refs:
                        if part.part_id not in todo:
                            continue
                        work = partial(self._extract, ref.project, part.part_id, todo[part.part_id], beat)
                        await (trial.take(part, work) if trial else work())
                return await self._outcome(ref, items, refs)

    @activity.defn(name="extract_again")
    async def extract_again(self, ref: ImportRef) -> StepOutcome:
        """Some of the source's texts that this extractor has not searched; no items where there are none left."""
        async with beating() as beat:
            with translated():
                name = self._extractor.name
                async with self._pool.connection() as connection:
                    todo = await parts.extracted_otherwise(connection, ref.project, ref.source_key, name, EXTRACT_TEXTS)
                    passages = await parts.unextracted(connection, ref.project, todo, name)
                beat.total = len(todo)
                for part_id in todo:
                    await self._extract(ref.project, part_id, passages.get(part_id, []), beat)
                return StepOutcome(items=len(todo), attempt=activity.info().attempt)

    @activity.defn(name="embed_batch")
    async def embed_batch(self, ref: BatchRef) -> StepOutcome:
        async with beating() as beat:
            with translated():
                items, refs = await self.texts(ref)
                async with self._pool.connection() as connection:
                    name = await indexes.embedder_of(connection, ref.project, ref.import_id)
                embedder = await asyncio.to_thread(self._embedders.here, name)
                async with self._pool.connection() as connection:
                    todo = await parts.unembedded(connection, ref.project, _ids(refs), embedder.model)
                beat.total = len(todo)
                async with watching(self._pool, ref, "embed") as trial:
                    if trial:
                        for part in refs:
                            await trial.take(part, partial(self._embed_part, ref.project, part.part_id, embedder, beat))
                    else:
                        await self._embed(embedder, todo, beat)
                return await self._outcome(ref, items, refs)

    @activity.defn(name="write_batch")
    async def write_batch(self, ref: BatchRef) -> BatchOutcome:
        async with beating():
            with translated():
                parser_version = version_for((await self._pipeline(ref.project)).passage)
                async with self._pool.connection() as connection:
                    await writing.write_batch(
                        connection, ref.project, ref.import_id, ref.source_key, ref.batch, parser_version
                    )
                return await self._batch_outcome(ref)

    @activity.defn(name="retire_batch")
    async def retire_batch(self, ref: BatchRef) -> BatchOutcome:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    await writing.retire_batch(connection, ref.project, ref.import_id, ref.source_key, ref.batch)
                return await self._batch_outcome(ref)

    @activity.defn(name="fail_batch")
    async def fail_batch(self, request: FailBatch) -> BatchOutcome:
        ref = request.batch
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    await writing.fail_batch(
                        connection, ref.project, ref.import_id, ref.batch, request.code, request.detail
                    )
                return await self._batch_outcome(ref)

    @activity.defn(name="link_batch")
    async def link_batch(self, ref: LinkBatch) -> StepOutcome:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    name = await indexes.embedder_of(connection, ref.project, ref.import_id)
                    model = (await asyncio.to_thread(self._embedders.find, name)).model
                    await linking.run_step(
                        connection,
                        ref.project,
                        ref.step,
                        Bucket(ref.bucket, ref.buckets),
                        self._extractor.name,
                        model,
                    )
                return StepOutcome(items=1, attempt=activity.info().attempt)

    async def texts(self, ref: BatchRef) -> tuple[int, list[PartRef]]:
        """How many items of the batch are to be done, and their texts, each once, in the order of their ids."""
        async with self._pool.connection() as connection:
            items = await writing.pending_items(connection, ref.project, ref.import_id, ref.batch)
            parser_version = version_for((await pipeline_of(connection, ref.project)).passage)
        refs = {part.part_id: part for item in items for part in parts.parts_of(item, parser_version)}
        return len(items), [refs[part_id] for part_id in sorted(refs)]

    async def _pipeline(self, project: str) -> Pipeline:
        async with self._pool.connection() as connection:
            return await pipeline_of(connection, project)

    async def _parse(self, project: str, others: Sequence[str], part: PartRef, passage: int, beat: Beat) -> None:
        async with self._readers.reading(project, others, part.part_id) as known:
            if not known:
                await self._parse_alone(project, part, passage)
        beat.done += 1

    async def _parse_alone(self, project: str, part: PartRef, passage: int) -> None:
        try:
            parsed = await self._read(project, part, passage)
        except ParseFailure as failure:
            async with self._pool.connection() as connection:
                await parts.store_failure(connection, project, part, failure)
        else:
            async with self._pool.connection() as connection:
                await parts.store_parsed(connection, project, part, parsed)

    async def _read(self, project: str, part: PartRef, passage: int) -> Parsed:
        if part.text is not None:
            return await asyncio.to_thread(parse_text, part.text, part.media_type or "text/plain", passage)
        async with self._blobs.local_path(project, part.sha256) as path:
            return await self._parsers.parse(path, part.media_type, part.label, passage)

    async def _extract(self, project: str, part_id: UUID, passages: Sequence[str], beat: Beat) -> None:
        mentions = await asyncio.to_thread(self._extractor.extract, passages)
        async with self._pool.connection() as connection:
            await parts.store_mentions(connection, project, part_id, self._extractor.name, mentions)
        beat.done += 1

    async def _embed(self, embedder: Embedder, todo: Sequence[tuple[UUID, str]], beat: Beat) -> None:
        for start in range(0, len(todo), EMBED_TEXTS):
            hashes, texts = zip(*todo[start : start + EMBED_TEXTS], strict=True)
            vectors = await asyncio.to_thread(embedder.embed, texts)
            async with self._pool.connection() as connection:
                await parts.store_vectors(connection, embedder.model, hashes, vectors)
            beat.done += len(texts)

    async def _embed_part(self, project: str, part_id: UUID, embedder: Embedder, beat: Beat) -> None:
        async with self._pool.connection() as connection:
            todo = await parts.unembedded(connection, project, [part_id], embedder.model)
        await self._embed(embedder, todo, beat)

    async def _outcome(self, ref: BatchRef, items: int, refs: Sequence[PartRef]) -> StepOutcome:
        async with self._pool.connection() as connection:
            chunks = await parts.count_chunks(connection, ref.project, _ids(refs))
        return StepOutcome(items=items, chunks=chunks, attempt=activity.info().attempt)

    async def _batch_outcome(self, ref: BatchRef) -> BatchOutcome:
        async with self._pool.connection() as connection:
            counts = await writing.count_batch(connection, ref.project, ref.import_id, ref.batch)
        return BatchOutcome(**counts, attempt=activity.info().attempt)


def _ids(refs: Sequence[PartRef]) -> list[UUID]:
    return [part.part_id for part in refs]


async def _all_or_first_error(tasks: Sequence[Coroutine[None, None, None]]) -> None:
    """Wait for all, so that nothing is left running, then raise the first error."""
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
