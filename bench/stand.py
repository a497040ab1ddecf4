"""The test stand: engines of its own in a temporary home, and for each run a database that is new."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from longshore.blobs import BlobStore
from longshore.graph.db import open_pool
from longshore.graph.hashing import graph_hash, overall
from longshore.ids import import_id, source_key, workflow_id
from longshore.sources.manifest import hash_files, scan, write_manifest
from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer
from workflows.contracts import WORKFLOW_QUEUE, ClosingRecord, Repository, Submission
from workflows.imports import ImportInput, ImportWorkflow

PROJECT = "bench"

ImportHandle = WorkflowHandle[ImportWorkflow, ClosingRecord]


@dataclass
class Stand:
    home: Path
    postgres: PostgresServer
    temporal: TemporalServer
    client: Client
    blobs: BlobStore
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def log(self) -> Path:
        """Where all programs under measurement write to."""
        return self.home / "bench.log"

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    async def fresh_database(self) -> str:
        """URL of a database without tables."""
        name = f"bench_{next(self._numbers)}"
        async with await psycopg.AsyncConnection.connect(self.postgres.url, autocommit=True) as connection:
            await connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return psycopg.conninfo.make_conninfo(self.postgres.url, dbname=name)

    def environment(self, database_url: str) -> dict[str, str]:
        """What a worker, or a script in its place, reads its settings from."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LONGSHORE_", "TEMPORAL_"))},
            "LONGSHORE_HOME": str(self.home),
            "LONGSHORE_DATABASE_URL": database_url,
            "LONGSHORE_GIT_PATHS": str(self.home),
            "TEMPORAL_ADDRESS": self.temporal.address,
        }

    async def hand_over(self, folder: Path) -> Submission:
        """Put a library into the blob store, as an upload does."""
        source = scan(folder)
        files = hash_files(source.files)
        for file in source.files:
            await self.blobs.put_bytes(PROJECT, file.local.read_bytes())
        manifest = await self.blobs.put_bytes(PROJECT, write_manifest(files))
        key = source_key(source.kind, source.name)
        return Submission(
            project=PROJECT,
            import_id=import_id(key, "1"),
            source_key=key,
            kind=source.kind,
            name=source.name,
            manifest=manifest,
            digest=manifest,
            submitted_at=datetime.now(UTC),
        )

    def name_repository(self, folder: Path) -> Submission:
        """A bare repository beneath the stand's home, to be fetched by the worker."""
        key = source_key("git", folder.name)
        return Submission(
            project=PROJECT,
            import_id=import_id(key, "1"),
            source_key=key,
            kind="git",
            name=folder.name,
            manifest="",
            repository=Repository(url=folder.as_uri()),
            digest=folder.name,
            submitted_at=datetime.now(UTC),
        )

    async def submit(self, submission: Submission) -> ImportHandle:
        """Start the import, as the API does."""
        return await self.client.start_workflow(
            ImportWorkflow.run,
            ImportInput(submission=submission),
            id=workflow_id(submission.project, submission.source_key),
            task_queue=WORKFLOW_QUEUE,
            start_signal="submit",
            start_signal_args=[submission],
            memo={"import_id": submission.import_id, "digest": submission.digest},
        )

    async def digest(self, database_url: str) -> str:
        """The graph's, over all its sets."""
        pool = await open_pool(database_url, max_size=1)
        async with pool.connection() as connection:
            digests = await graph_hash(connection, PROJECT)
        await pool.close()
        return overall(digests)

    def temporal_cpu_s(self) -> float:
        """Processor seconds that the server has used so far."""
        times = psutil.Process(self.temporal.pid).cpu_times()
        return float(times.user + times.system)


@asynccontextmanager
async def open_stand() -> AsyncIterator[Stand]:
    with tempfile.TemporaryDirectory(prefix="longshore-bench-") as folder:
        home = Path(folder)
        postgres, temporal = PostgresServer(home), TemporalServer(home)
        try:
            await postgres.start()
            await temporal.start()
            client = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
            yield Stand(home, postgres, temporal, client, BlobStore(str(home / "blobs")))
        finally:
            await temporal.stop()
            await postgres.stop()
            shutil.rmtree(postgres.folder, ignore_errors=True)
