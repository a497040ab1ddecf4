"""Whatever is killed at whatever moment, the import ends in the same graph as one left alone."""

from __future__ import annotations

import os
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from activities.batches import EMBED_TEXTS
from tests.integration.conftest import ITEMS, Engines, Undisturbed
from tests.integration.library import write_library
from tests.integration.voyage import Voyage
from workflows.contracts import Progress
from workflows.imports import ImportWorkflow

EMBEDDING_AT_ONCE = 2
"""Batches that a worker embeds side by side: what a kill can cost."""


def settled(share: float) -> Callable[[Progress], bool]:
    return lambda progress: progress.items.added >= share * ITEMS


def stage_begun(name: str) -> Callable[[Progress], bool]:
    return lambda progress: any(stage.name == name and stage.state != "pending" for stage in progress.stages)


MOMENTS = {"staging": stage_begun("stage"), "half-way": settled(0.4), "linking": stage_begun("link")}


@pytest.mark.parametrize(
    "moment",
    [pytest.param(name, marks=[] if name == "half-way" else pytest.mark.thorough) for name in MOMENTS],
)
async def test_killed_worker_is_replaced_and_nothing_is_lost_or_done_twice(
    voyage: Voyage, library: Path, undisturbed: Undisturbed, moment: str
) -> None:
    worker = voyage.start_worker()
    handle = await voyage.submit(library, "library")
    await voyage.until(handle, MOMENTS[moment])
    worker.kill()
    worker.wait()
    voyage.start_worker()
    record = await voyage.finish(handle)
    assert (record.state, record.items.added) == ("succeeded", ITEMS)
    assert await voyage.digests() == undisturbed.digests
    assert voyage.embedded_texts() <= undisturbed.embedded_texts + EMBEDDING_AT_ONCE * EMBED_TEXTS


@pytest.mark.thorough
async def test_terminated_worker_leaves_in_order_and_its_successor_goes_on(
    voyage: Voyage, library: Path, undisturbed: Undisturbed
) -> None:
    worker = voyage.start_worker()
    handle = await voyage.submit(library, "library")
    await voyage.until(handle, settled(0.2))
    children = psutil.Process(worker.pid).children(recursive=True)
    worker.terminate()
    assert worker.wait(30) == 0
    assert not [child for child in children if child.is_running()]
    voyage.start_worker()
    record = await voyage.finish(handle)
    assert record.state == "succeeded"
    assert await voyage.digests() == undisturbed.digests


@pytest.mark.thorough
async def test_killed_postgres_comes_back_with_what_was_committed(
    voyage: Voyage, engines: Engines, library: Path, undisturbed: Undisturbed
) -> None:
    voyage.start_worker()
    handle = await voyage.submit(library, "library")
    await voyage.until(handle, settled(0.3))
    pid = engines.postgres.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await engines.postgres.ended()
    await engines.postgres.start()
    assert (await voyage.finish(handle)).state == "succeeded"
    assert await voyage.digests() == undisturbed.digests


@pytest.mark.thorough
async def test_killed_engine_comes_back_with_the_history(
    voyage: Voyage, engines: Engines, library: Path, undisturbed: Undisturbed
) -> None:
    voyage.start_worker()
    handle = await voyage.submit(library, "library")
    await voyage.until(handle, settled(0.3))
    pid = engines.temporal.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await engines.temporal.ended()
    await engines.temporal.start()
    assert (await voyage.finish(handle)).state == "succeeded"
    assert await voyage.digests() == undisturbed.digests


@pytest.mark.thorough
async def test_cancelled_import_is_completed_by_the_next_one(
    voyage: Voyage, library: Path, undisturbed: Undisturbed
) -> None:
    voyage.start_worker()
    handle = await voyage.submit(library, "library")
    progress = await voyage.until(handle, settled(0.3))
    await handle.signal(ImportWorkflow.cancel, progress.import_id)
    record = await voyage.finish(handle)
    assert record.state == "cancelled"
    assert 0 < record.items.added < ITEMS
    again = await voyage.finish(await voyage.submit(library, "library"))
    assert again.items.unchanged == record.items.added
    assert again.items.added == ITEMS - record.items.added
    assert await voyage.digests() == undisturbed.digests


@pytest.mark.thorough
async def test_zip_of_a_library_is_the_library(
    voyage: Voyage, library: Path, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    archive = tmp_path / "library.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in library.rglob("*"):
            packed.write(path, Path("export") / path.relative_to(library))
    voyage.start_worker()
    assert (await voyage.finish(await voyage.submit(archive, "library"))).state == "succeeded"
    assert await voyage.digests() == undisturbed.digests


@pytest.mark.thorough
async def test_newer_export_is_imported_after_the_older_one(voyage: Voyage, library: Path, tmp_path: Path) -> None:
    newer = write_library(tmp_path / "newer", 10, first=ITEMS - 5)
    voyage.start_worker()
    handle = await voyage.submit(library, "library")
    older = await voyage.until(handle, settled(0.1))
    await voyage.submit(newer, "library")
    following = await voyage.until(handle, lambda progress: progress.import_id != older.import_id)
    waiting = await voyage.until(handle, lambda progress: progress.state == "waiting")
    assert waiting.reason is not None
    assert waiting.reason.code == "awaiting_approval", "an export of one collection must not wipe the library"
    await handle.signal(ImportWorkflow.cancel, older.import_id)
    assert (await handle.query(ImportWorkflow.progress)).state == "waiting", "an old id must not steer a newer import"
    await handle.signal(ImportWorkflow.approve, following.import_id)
    record = await voyage.finish(handle)
    assert (record.items.unchanged, record.items.added, record.items.removed) == (5, 5, ITEMS - 5)
