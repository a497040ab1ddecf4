"""The import as a plain script would do it: the same steps in the same lanes, and no engine.

Run as `python -m bench.plain SUBMISSION RESULT`, two files of JSON, with a worker's environment.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from pydantic import BaseModel
from temporalio.testing import ActivityEnvironment

from activities.batches import BatchActivities
from activities.imports import ImportActivities
from longshore.blobs import BlobStore
from longshore.embedding.choosing import Embedders
from longshore.embedding.static import StaticEmbedder
from longshore.extraction.concepts import CValueExtractor
from longshore.graph.db import migrate, open_pool
from longshore.log import configure
from longshore.parsing.pool import ParserPool
from longshore.settings import Settings
from longshore.sources.upstreams import Upstreams
from workflows.contracts import (
    BatchOutcome,
    BatchRef,
    CloseImport,
    ClosingRecord,
    ImportRef,
    ItemCounts,
    LinkBatch,
    Progress,
    Submission,
)

CONNECTIONS = 12
"""As many as a worker has."""


class PlainResult(BaseModel):
    seconds: float
    record: ClosingRecord


class Script:
    """The steps of `ImportWorkflow`, called one after the other; what they hand on is kept in memory alone."""

    def __init__(self, submission: Submission, imports: ImportActivities, batches: BatchActivities) -> None:
        self._submission = submission
        self._ref = ImportRef(
            project=submission.project, import_id=submission.import_id, source_key=submission.source_key
        )
        self._imports = imports
        self._batches = batches
        # The activities ask for their context and heartbeat; here nobody listens.
        self._run = ActivityEnvironment().run

    async def run(self) -> ClosingRecord:
        await self._run(self._imports.open_import, self._submission)
        await self._run(self._imports.stage_source, self._ref)
        plan = await self._run(self._imports.plan_import, self._ref)
        numbers = iter(range(plan.batches))
        lanes = await asyncio.gather(*(self._lane(numbers) for _ in range(self._submission.options.lanes)))
        links = await self._run(self._imports.plan_links, self._ref)
        for step, buckets in links.steps:
            for bucket in range(buckets):
                request = LinkBatch(**self._ref.model_dump(), step=step, bucket=bucket, buckets=buckets)
                await self._run(self._batches.link_batch, request)
        outcomes = [outcome for lane in lanes for outcome in lane]
        settled = ItemCounts(
            total=plan.total,
            unchanged=plan.unchanged,
            **{
                name: sum(getattr(outcome, name) for outcome in outcomes)
                for name in ItemCounts.model_fields.keys() & BatchOutcome.model_fields.keys()
            },
        )
        return await self._close(settled)

    async def _lane(self, numbers: Iterator[int]) -> list[BatchOutcome]:
        outcomes = []
        for number in numbers:
            batch = BatchRef(**self._ref.model_dump(), batch=number)
            await self._run(self._batches.parse_batch, batch)
            await self._run(self._batches.extract_batch, batch)
            await self._run(self._batches.embed_batch, batch)
            outcomes.append(await self._run(self._batches.write_batch, batch))
        return outcomes

    async def _close(self, settled: ItemCounts) -> ClosingRecord:
        progress = Progress(
            import_id=self._ref.import_id,
            state="running",
            fraction=0.99,
            stages=(),
            items=settled,
            started_at=self._submission.submitted_at,
            updated_at=self._submission.submitted_at,
        )
        closing = CloseImport(**self._ref.model_dump(), settled=settled, progress=progress)
        return (await self._run(self._imports.close_import, closing)).record


async def main(submission: Submission, settings: Settings) -> PlainResult:
    assert settings.database_url
    await migrate(settings.database_url)
    pool = await open_pool(settings.database_url, max_size=CONNECTIONS)
    blobs = BlobStore(settings.blob_url)
    embedders = Embedders(StaticEmbedder())
    async with ParserPool(processes=settings.parse_processes) as parsers:
        script = Script(
            submission,
            ImportActivities(pool, blobs, Upstreams.of(settings), embedders),
            BatchActivities(pool, blobs, parsers, CValueExtractor(), embedders),
        )
        began = perf_counter()
        record = await script.run()
        seconds = perf_counter() - began
    await pool.close()
    return PlainResult(seconds=seconds, record=record)


if __name__ == "__main__":
    submitted, result = map(Path, sys.argv[1:])
    configure("info")
    outcome = asyncio.run(main(Submission.model_validate_json(submitted.read_bytes()), Settings()))
    result.write_text(outcome.model_dump_json())
