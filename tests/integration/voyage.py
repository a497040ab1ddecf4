"""Imports on real engines with a real worker process, for tests that pull plugs."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from longshore.blobs import BlobStore
from longshore.graph.db import open_pool
from longshore.graph.hashing import graph_hash
from longshore.ids import import_id, source_key, workflow_id
from longshore.sources.manifest import hash_files, scan, write_manifest
from workflows.contracts import WORKFLOW_QUEUE, ClosingRecord, Collected, Progress, Submission
from workflows.imports import ImportInput, ImportWorkflow
from workflows.showing import memo_of
from workflows.sweeping import CollectingWorkflow

PROJECT = "voyages"
PATIENCE_S = 90.0
_A_DAY_S = 86_460.0

_numbers = itertools.count()
Handle = WorkflowHandle[ImportWorkflow, ClosingRecord]


@dataclass
class Voyage:
    """One database, one engine and one worker process at a time."""

    client: Client
    temporal_address: str
    database_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    """Further variables of the workers' environment."""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen[bytes]:
        self.folder.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "LONGSHORE_HOME": str(self.folder),
            "LONGSHORE_DATABASE_URL": self.database_url,
            "TEMPORAL_ADDRESS": self.temporal_address,
            **self.settings,
        }
        with (self.folder / f"worker-{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen([sys.executable, "-m", "worker"], env=environment, stderr=log)
        self.workers.append(worker)
        return worker

    def stop_workers(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.terminate()
                worker.wait(30)

    async def submit(self, path: Path, name: str) -> Handle:
        """Hand a library over and start its import, as the API does."""
        return await self.begin(await self.hand_over(path, name))

    async def hand_over(self, path: Path, name: str, project: str = PROJECT) -> Submission:
        blobs = BlobStore(str(self.folder / "blobs"))
        source = scan(path)
        files = hash_files(source.files)
        local = {file.path: file.local for file in source.files}
        for file in files:
            await blobs.put_bytes(project, local[file.path].read_bytes())
        manifest = await blobs.put_bytes(project, write_manifest(files))
        key = source_key(source.kind, name)
        return Submission(
            project=project,
            import_id=import_id(key, f"{next(_numbers):012x}"),
            source_key=key,
            kind=source.kind,
            name=name,
            manifest=manifest,
            digest=manifest,
            submitted_at=datetime.now(UTC),
        )

    async def begin(self, submission: Submission) -> Handle:
        id_ = workflow_id(submission.project, submission.source_key)
        await self.client.start_workflow(
            ImportWorkflow.run,
            ImportInput(submission=submission),
            id=id_,
            task_queue=WORKFLOW_QUEUE,
            start_signal="submit",
            start_signal_args=[submission],
            memo=memo_of(submission),
        )
        return self.client.get_workflow_handle_for(ImportWorkflow.run, id_)

    async def until(self, handle: Handle, reached: Callable[[Progress], bool]) -> Progress:
        """Poll as a page does, through whatever is down at the moment, until the progress is as asked for."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while asyncio.get_running_loop().time() < deadline:
            try:
                progress = await handle.query(ImportWorkflow.progress, rpc_timeout=timedelta(seconds=2))
            except RPCError:
                continue
            if reached(progress):
                return progress
            await asyncio.sleep(0.02)
        raise AssertionError("the import did not come as far as that")

    async def finish(self, handle: Handle) -> ClosingRecord:
        return await asyncio.wait_for(handle.result(), PATIENCE_S)

    async def collect_after_a_day(self) -> Collected:
        """Let a day go by for the files, then have those collected that nothing needs."""
        for path in (self.folder / "blobs").rglob("*"):
            if path.is_file():
                os.utime(path, (time.time(), path.stat().st_mtime - _A_DAY_S))
        return await self.client.execute_workflow(
            CollectingWorkflow.run, id=f"collecting-{next(_numbers)}", task_queue=WORKFLOW_QUEUE
        )

    async def digests(self) -> dict[str, str]:
        pool = await open_pool(self.database_url, max_size=1)
        async with pool.connection() as connection:
            digests = await graph_hash(connection, PROJECT)
        await pool.close()
        return digests

    def embedded_texts(self) -> int:
        """How many texts the embedder was given, as its own log has it, over all workers that have lived."""
        lines = [line for log in self.folder.glob("worker-*.log") for line in log.read_text().splitlines()]
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return sum(event["texts"] for event in events if event["event"] == "embedded")
