"""Very much at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.faults.bench import Bench
from tests.faults.invariants import check, demand
from tests.faults.passage import Passage
from tests.faults.trials import Outcome, Trial
from tests.integration.library import write_library
from tests.workflows.harbour import BATCH, Dock, Harbour, start_import, submission
from workflows.contracts import ClosingRecord, ImportOptions

BATCHES, LANES = 300, 64
OVERLAPPING, ITEMS_EACH = 50, 6
SMALL = 1000
_LOAD_S = 1500.0


def batches_at_once(bench: Bench) -> Iterable[Trial]:
    for number in (1, 2, 3):
        yield Trial(f"{BATCHES} batches, let go at once, time {number}", lambda number=number: _batches(bench, number))  # type: ignore[misc]


async def _batches(bench: Bench, number: int) -> Outcome:
    """Steps that do nothing but wait for a gate: all that Temporal and the workflow have to do happens at once."""
    harbour = Harbour(Dock(batches=BATCHES))
    client = bench.rig.client
    async with harbour.serving(client):
        wanted = submission(f"zotero.shelf.{number}").model_copy(update={"options": ImportOptions(lanes=LANES)})
        handle = await start_import(client, wanted, f"import/shelf/zotero.many-{number}", "cached")
        await harbour.dock.until("parse_batch", LANES)
        released_at = time.monotonic()
        harbour.dock.gate.set()
        record = await asyncio.wait_for(handle.result(), 120)
        demand(record.items.added == BATCHES * BATCH, f"I6: {record.items}")
        demand(set(harbour.dock.written.values()) == {1}, "a batch was written twice")
        demand(len(harbour.dock.closed) == 1, "I4: it was closed twice")
        return Outcome(recovery_s=time.monotonic() - released_at)


def overlapping_imports(bench: Bench) -> Iterable[Trial]:
    yield Trial(f"{OVERLAPPING} imports that share items", lambda: _overlapping(bench), _LOAD_S)


async def _overlapping(bench: Bench) -> Outcome:
    """Each shares most of its items with its neighbours; all at once they make the graph that they make in turn."""
    shelves = [
        write_library(bench.rig.folder / "overlapping" / str(number), ITEMS_EACH, first=2 * number)
        for number in range(OVERLAPPING)
    ]
    async with bench.rig.passage() as passage:
        passage.start_worker()
        for number, shelf in enumerate(shelves):
            await passage.finish(await passage.submit(shelf, f"shelf {number}"))
        in_turn = await passage.digests()
    async with bench.rig.passage() as passage:
        passage.start_worker()
        passage.start_worker()
        records = await _all_at_once(passage, shelves)
        for record in records:
            demand(record.state == "succeeded", f"one ended as {record.state}: {record.reason}")
        await check(passage, records[0], in_turn)
    return Outcome(tries=OVERLAPPING)


async def _all_at_once(passage: Passage, shelves: Sequence[Path]) -> list[ClosingRecord]:
    submissions = [await passage.hand_over(shelf, f"shelf {number}") for number, shelf in enumerate(shelves)]
    handles = await asyncio.gather(*(passage.begin(submission) for submission in submissions))
    return await asyncio.gather(*(asyncio.wait_for(handle.result(), _LOAD_S) for handle in handles))


def small_imports(bench: Bench) -> Iterable[Trial]:
    yield Trial(f"{SMALL} small imports at once", lambda: _small(bench), _LOAD_S)


async def _small(bench: Bench) -> Outcome:
    folder = bench.rig.folder / "small"
    async with bench.rig.passage() as passage:
        shelves = [_write_note(folder / str(number), number) for number in range(SMALL)]
        passage.start_worker()
        records = await _all_at_once(passage, shelves)
        demand(all(record.state == "succeeded" for record in records), "one did not succeed")
        demand(all(record.items.added == 1 for record in records), "I6: an item is missing")
        await check(passage, records[0], None)
    return Outcome(tries=SMALL)


def _write_note(folder: Path, number: int) -> Path:
    folder.mkdir(parents=True)
    (folder / "note.md").write_text(f"# Note {number}\n\nThe harbour crane number {number} lifts cargo.\n")
    return folder
