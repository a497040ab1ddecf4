"""Very much at once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.watchers import measure
from longshore.graph.db import open_pool
from tests.faults.bench import Bench
from tests.faults.invariants import check, demand
from tests.faults.kills import leave_alone
from tests.faults.passage import Passage
from tests.faults.trials import Outcome, Trial
from tests.integration.library import write_library
from tests.integration.voyage import PROJECT, Handle
from tests.workflows.harbour import BATCH, Dock, Harbour, start_import, submission
from workflows.contracts import ClosingRecord, ImportOptions, Submission

BATCHES, LANES = 300, 64
OVERLAPPING, ITEMS_EACH = 50, 6
SMALL, PROJECTS = 1000, 40
WATCHERS, DEAF = 1000, 200
_LOAD_S = 1200.0
_CALLS_AT_ONCE = 50


def batches_at_once(bench: Bench) -> Iterable[Trial]:
    for number in (1, 2, 3):
        yield Trial(
            f"{BATCHES} batches, let go at once, time {number}",
            lambda number=number: _batches(bench, number),  # type: ignore[misc]
            lasts_s=20,
            alone=True,
        )


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
    yield Trial(
        f"{OVERLAPPING} imports that share items", lambda: _overlapping(bench), _LOAD_S, lasts_s=120, alone=True
    )


async def _overlapping(bench: Bench) -> Outcome:
    """Each shares most of its items with its neighbours; at once they make the graph that one of all makes.

    Provenance names the items, of which there are more.
    """
    shelves = [
        write_library(bench.rig.folder / "overlapping" / str(number), ITEMS_EACH, first=2 * number)
        for number in range(OVERLAPPING)
    ]
    whole = write_library(bench.rig.folder / "overlapping" / "whole", 2 * OVERLAPPING - 2 + ITEMS_EACH)
    undisturbed = await leave_alone(bench.rig, whole)
    async with bench.rig.passage() as passage:
        passage.start_worker()
        passage.start_worker()
        submissions = [await passage.hand_over(shelf, f"shelf {number}") for number, shelf in enumerate(shelves)]
        records = await _all_at_once(passage, submissions)
        for record in records:
            demand(record.state == "succeeded", f"one ended as {record.state}: {record.reason}")
        digests = {name: digest for name, digest in undisturbed.digests.items() if name != "provenance"}
        await check(passage, records[0], digests)
        demand(await _asserting(passage) == OVERLAPPING * ITEMS_EACH, "I1: provenance does not name every item")
    return Outcome(tries=OVERLAPPING)


async def _asserting(passage: Passage) -> int:
    """How many items say something of the graph."""
    pool = await open_pool(passage.database_url, max_size=1)
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select count(distinct origin) as items from provenance where project = %s and origin not like 'link:%%'",
            (PROJECT,),
        )
        [row] = await cursor.fetchall()
    await pool.close()
    return int(row["items"])


async def _all_at_once(passage: Passage, submissions: Sequence[Submission]) -> list[ClosingRecord]:
    gate = asyncio.Semaphore(_CALLS_AT_ONCE)

    async def begin(submission: Submission) -> Handle:
        async with gate:
            return await passage.begin(submission)

    handles = await asyncio.gather(*map(begin, submissions))
    # One after the other: Temporal takes only so many requests that wait.
    return [await handle.result() for handle in handles]


def small_imports(bench: Bench) -> Iterable[Trial]:
    yield Trial(f"{SMALL} small imports at once", lambda: _small(bench), _LOAD_S, lasts_s=400, alone=True)


async def _small(bench: Bench) -> Outcome:
    """Each of them brings one note; forty projects have twenty-five each."""
    folder = bench.rig.folder / "small"
    async with bench.rig.passage() as passage:
        submissions = [
            await passage.hand_over(
                _write_note(folder / str(number), number),
                f"note {number}",
                f"{PROJECT}-{number % PROJECTS}" if number % PROJECTS else PROJECT,
            )
            for number in range(SMALL)
        ]
        passage.start_worker()
        passage.start_worker()
        records = await _all_at_once(passage, submissions)
        demand(all(record.state == "succeeded" for record in records), "one did not succeed")
        demand(all(record.items.added == 1 for record in records), "I6: an item is missing")
        await check(passage, records[0], None)
    return Outcome(tries=SMALL)


def _write_note(folder: Path, number: int) -> Path:
    folder.mkdir(parents=True)
    (folder / "note.md").write_text(f"# Note {number}\n\nThe harbour crane number {number} lifts cargo.\n")
    return folder


def watchers(bench: Bench) -> Iterable[Trial]:
    yield Trial(f"{WATCHERS} watch, of whom {DEAF} never read", _watched, lasts_s=30, alone=True)


async def _watched() -> Outcome:
    """Every reader has an event each second, nobody is lost, and others who ask are answered within a second."""
    seconds = 10.0
    seen = await measure(WATCHERS - DEAF, DEAF, seconds)
    demand(not seen.lost, f"{seen.lost} streams were cut")
    least = (WATCHERS - DEAF) * seconds / 2
    demand(seen.frames["progress"] > least, f"{seen.frames} events were read, of at least {least:.0f}")
    demand(seen.crowded_mb < 256, f"I10: the API takes {seen.crowded_mb:.0f} MB")
    slowest_ms = statistics.quantiles(seen.crowded_ms, n=20)[-1]
    demand(slowest_ms < 1000, f"a twentieth of those who ask for the status wait longer than {slowest_ms:.0f} ms")
    return Outcome(tries=WATCHERS)
