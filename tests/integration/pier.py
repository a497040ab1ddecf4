"""Imports in this process, embedded by the fake provider: workers of a test's own on the engines of the session."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from longshore.blobs import BlobStore
from longshore.dev.fake_provider import FakeProvider
from longshore.embedding.choosing import Embedders
from longshore.embedding.static import StaticEmbedder
from longshore.extraction.choosing import Extractors
from longshore.extraction.concepts import CValueExtractor
from longshore.graph.db import Pool, open_pool
from longshore.graph.hashing import graph_hash
from longshore.ids import import_id, source_key, workflow_id
from longshore.parsing.pool import ParserPool
from longshore.providers.settings import Providers
from longshore.settings import Settings
from longshore.sources.manifest import hash_files, scan, write_manifest
from longshore.sources.upstreams import Upstreams
from worker.queues import Library, build_workers
from workflows.contracts import WORKFLOW_QUEUE, ClosingRecord, ImportOptions, Progress, Submission
from workflows.imports import ImportInput, ImportWorkflow
from workflows.showing import memo_of

PATIENCE_S = 60.0
_numbers = itertools.count()
Handle = WorkflowHandle[ImportWorkflow, ClosingRecord]


def bibliography(path: Path, items: int, first: int = 0, extra: str = "") -> Path:
    """A bibliography whose every entry has an abstract of its own, which is one passage."""
    entries = []
    for number in range(first, first + items):
        chance = random.Random(number)
        words = " ".join(chance.choice(_WORDS) for _ in range(20))
        entries.append(
            f"@article{{entry{number}, title = {{Report {number} on {chance.choice(_WORDS)}}}, "
            f"author = {{Example, Author}}, year = 2001, doi = {{10.5555/pier.{number}}},\n"
            f"  abstract = {{Number {number} tells of {words}.}} }}\n"
        )
    path.write_text("".join(entries) + extra)
    return path


_WORDS = ("harbour", "crane", "cargo", "signal", "tide", "anchor", "beacon", "freight", "quay", "ledger", "pilot")


@dataclass
class Pier:
    """A project of its own in a database of its own."""

    client: Client
    pool: Pool
    database_url: str
    folder: Path
    project: str = field(default_factory=lambda: f"pier-{next(_numbers)}")

    @asynccontextmanager
    async def workers(self, providers: Providers, count: int = 1, **parsing: Any) -> AsyncIterator[None]:
        """So many workers, each with connections and embedders of its own, until the block ends.

        Args:
            parsing: Of the parsers, as `ParserPool` takes it; there is one to each worker.
        """
        async with AsyncExitStack() as stack:
            for number in range(count):
                # A client takes one worker for each queue.
                client = self.client if number == 0 else await another(self.client)
                pool = await open_pool(self.database_url, max_size=8)
                stack.push_async_callback(pool.close)
                embedders = Embedders(_static(), providers)
                stack.push_async_callback(embedders.close)
                extractors = Extractors(providers)
                stack.push_async_callback(extractors.close)
                library = Library(
                    pool=pool,
                    blobs=BlobStore(str(self.folder / "blobs")),
                    upstreams=Upstreams.of(Settings(home=self.folder)),
                    parsers=await stack.enter_async_context(ParserPool(**{"processes": 1, **parsing})),
                    extractor=CValueExtractor(),
                    embedders=embedders,
                    extractors=extractors,
                    installation_key=b"0" * 32,
                )
                for worker in build_workers(client, library, 1, timedelta(seconds=2)):
                    await stack.enter_async_context(worker)
            yield

    async def submit(self, path: Path, name: str = "", **options: Any) -> Handle:
        blobs = BlobStore(str(self.folder / "blobs"))
        source = scan(path)
        files = hash_files(source.files)
        local = {file.path: file.local for file in source.files}
        for file in files:
            await blobs.put_bytes(self.project, local[file.path].read_bytes())
        manifest = await blobs.put_bytes(self.project, write_manifest(files))
        key = source_key(source.kind, name or path.stem)
        submission = Submission(
            project=self.project,
            import_id=import_id(key, f"{next(_numbers):012x}"),
            source_key=key,
            kind=source.kind,
            name=name or path.stem,
            manifest=manifest,
            digest=manifest + str(options),
            options=ImportOptions(**{"lanes": 2, **options}),
            submitted_at=datetime.now(UTC),
        )
        id_ = workflow_id(self.project, key)
        await self.client.start_workflow(
            ImportWorkflow.run,
            ImportInput(submission=submission),
            id=id_,
            task_queue=WORKFLOW_QUEUE,
            memo=memo_of(submission),
        )
        return self.client.get_workflow_handle_for(ImportWorkflow.run, id_)

    async def run(self, path: Path, name: str = "", **options: Any) -> ClosingRecord:
        return await self.finish(await self.submit(path, name, **options))

    async def until(self, handle: Handle, reached: Callable[[Progress], bool]) -> Progress:
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            progress = await handle.query(ImportWorkflow.progress)
            if reached(progress):
                return progress
            assert asyncio.get_running_loop().time() < deadline, f"still {progress.state}: {progress.reason}"
            await asyncio.sleep(0.05)

    async def finish(self, handle: Handle) -> ClosingRecord:
        return await asyncio.wait_for(handle.result(), PATIENCE_S)

    async def digests(self) -> dict[str, str]:
        async with self.pool.connection() as connection:
            return await graph_hash(connection, self.project)


def providers_of(fake: FakeProvider, **more: Any) -> Providers:
    """Two providers, which are both the fake one."""
    table = {"kind": "openai", "base_url": f"{fake.url}/v1", "model": "m", "dimensions": 256, "max_items": 8}
    other = {**table, "base_url": f"{fake.url}/other/v1", "model": "other", "dimensions": 64, "shorten": True}
    return Providers.model_validate({"embedding": {"fake": {**table, **more}, "other": other}})


def models_of(fake: FakeProvider, **more: Any) -> Providers:
    """Two language models, which are both the fake one."""
    table = {"kind": "openai", "base_url": f"{fake.url}/v1", "model": "reader"}
    return Providers.model_validate({"extraction": {"fake": {**table, **more}, "other": {**table, "model": "other"}}})


async def another(client: Client) -> Client:
    address = client.service_client.config.target_host
    return await Client.connect(address, data_converter=client.data_converter)


_loaded: list[StaticEmbedder] = []


def _static() -> StaticEmbedder:
    """Read once: it takes longer than many an import here."""
    if not _loaded:
        _loaded.append(StaticEmbedder())
    return _loaded[0]
