"""What is done without anybody looking: imports that were ended from outside are settled, and receivers told."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from longshore.blobs import BlobStore
from longshore.graph import catalog, webhooks
from longshore.graph.db import open_pool
from tests.integration.library import write_library
from tests.integration.receiver import Receiver
from tests.integration.test_recovery import settled
from tests.integration.voyage import PROJECT, Voyage
from workflows.imports import ImportWorkflow

SETTLED_WITHIN_S = 30.0


@pytest.mark.thorough
async def test_a_terminated_import_is_settled_although_nobody_reads_it(
    voyage: Voyage, library: Path, receiver: Receiver
) -> None:
    receiver.refused = 1
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (PROJECT,))
        await webhooks.add_webhook(connection, PROJECT, receiver.url, ["import.closed"])
    worker = voyage.start_worker()
    submission = await voyage.hand_over(library, "library")
    handle = await voyage.begin(submission)
    await voyage.until(handle, settled(0.2))

    await handle.terminate()
    terminated_at = time.monotonic()
    async with asyncio.timeout(60):
        _, body = await receiver.received.get()

    assert time.monotonic() - terminated_at < SETTLED_WITHIN_S
    told = json.loads(body)
    assert (told["type"], told["import"]) == ("import.closed", submission.import_id)
    assert (told["data"]["state"], told["data"]["reason"]["code"]) == ("failed", "terminated")
    async with pool.connection() as connection:
        row = await catalog.find_import(connection, PROJECT, submission.import_id)
    assert row is not None
    assert row.record == told["data"]
    items = told["data"]["items"]
    assert items["total"] == items["added"] + items["skipped"]
    again = await voyage.finish(await voyage.submit(library, "library"))
    assert (again.state, again.items.unchanged) == ("succeeded", items["added"])
    assert receiver.received.qsize() <= 1
    worker.terminate()
    assert worker.wait(10) == 0, "it does not wait for the watch to end"
    await pool.close()


@pytest.mark.thorough
async def test_only_files_that_nothing_needs_are_collected(voyage: Voyage, tmp_path: Path) -> None:
    blobs = BlobStore(str(voyage.folder / "blobs"))
    orphan = await blobs.put_bytes(PROJECT, b"flotsam")
    voyage.start_worker()
    first = await voyage.hand_over(write_library(tmp_path / "first", 3), "shelf")
    await voyage.finish(await voyage.begin(first))
    held = await voyage.hand_over(write_library(tmp_path / "second", 200, first=100), "shelf")
    handle = await voyage.begin(held)
    await handle.signal(ImportWorkflow.pause, held.import_id)
    await voyage.until(handle, lambda progress: progress.state == "paused")
    waiting = await voyage.hand_over(write_library(tmp_path / "third", 2, first=900), "shelf")
    await handle.signal(ImportWorkflow.submit, waiting)
    await voyage.until(handle, lambda progress: progress.follow_up == waiting.import_id)
    files = [file.sha256 async for page in blobs.stored(PROJECT) for file in page if file.sha256 != orphan]

    first_time = await voyage.collect_after_a_day()
    second_time = await voyage.collect_after_a_day()

    assert (first_time.set_aside, second_time.deleted, second_time.bytes) == (1, 1, len(b"flotsam"))
    assert sorted(files) == sorted([file.sha256 async for page in blobs.stored(PROJECT) for file in page])
    assert not [file async for page in blobs.stored(PROJECT) for file in page if file.aside]
    await handle.signal(ImportWorkflow.cancel, held.import_id)
