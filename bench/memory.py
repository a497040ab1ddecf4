"""What a worker holds while it imports 498 PDFs of 500 MB, and whether ten times the cargo takes more.

Run as `python -m bench.memory [--papers N] [--megabytes N]`: first a tenth of that is imported, then all of it, each
by a worker of its own and with the same monsters. No kernel enforces the bound here, for a bound over several processes
takes a control group that not everybody may make. In its place the worker and its children are looked at five times a
second, and killed as soon as together they hold more than 512 MB, what they share counted once. What the worker itself
held at the most is the kernel's own count, which misses nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from psycopg.rows import tuple_row

from bench.freight import MEGABYTES, PAPERS, make_freight
from bench.program import Program, program
from bench.stand import PROJECT, Stand, open_stand
from longshore.graph.db import open_pool
from workflows.contracts import ClosingRecord

LIMIT_BYTES = 512 << 20
_FLAT_WITHIN_BYTES = 48 << 20
_LOOKED_AT_EVERY_S = 0.2
_PATIENCE_S = 3600


class TooMuch(Exception):
    """The worker and its children held more than they may, and were killed."""


@dataclass(frozen=True)
class Voyage:
    papers: int
    megabytes: float
    record: ClosingRecord
    seconds: float
    peak_bytes: int
    worker_bytes: int | None
    """Of the worker without its children; None where the kernel does not keep it."""
    refused: Counter[str]
    """Texts that could not be read, by code."""


async def main(papers: int, megabytes: int) -> int:
    try:
        async with open_stand() as stand:
            small = await _measure(stand, papers // 10, megabytes // 10)
            large = await _measure(stand, papers, megabytes)
    except TooMuch as failure:
        _say(str(failure))
        return 1
    _report(small, large)
    grown = large.peak_bytes - small.peak_bytes
    whole = all(voyage.record.items.failed == 0 for voyage in (small, large))
    return 0 if whole and grown <= _FLAT_WITHIN_BYTES else 1


async def _measure(stand: Stand, papers: int, megabytes: int) -> Voyage:
    _say(f"writing {papers} PDFs of {megabytes} MB")
    with tempfile.TemporaryDirectory(dir=stand.home) as folder:
        library = Path(folder) / f"freight-{papers}"
        await asyncio.to_thread(make_freight, library, papers, megabytes)
        size = sum(path.stat().st_size for path in library.rglob("*.pdf"))
        submission = await stand.hand_over(library)
    _say("importing them")
    database = await stand.fresh_database()
    async with program("worker", env=stand.environment(database), log=stand.log) as worker:
        await worker.said("worker started")
        began = perf_counter()
        handle = await stand.submit(submission)
        record = await _within_bounds(worker, asyncio.ensure_future(handle.result()))
        seconds, own = perf_counter() - began, _high_water(worker.pid)
    return Voyage(papers, size / (1 << 20), record, seconds, worker.peak_bytes, own, await _refused(database))


async def _within_bounds(worker: Program, result: asyncio.Future[ClosingRecord]) -> ClosingRecord:
    """
    Raises:
        TooMuch: it held more than it may.
        TimeoutError: the import took more than an hour.
    """
    async with asyncio.timeout(_PATIENCE_S):
        while not result.done():
            if worker.peak_bytes > LIMIT_BYTES:
                worker.kill()
                raise TooMuch(f"The worker and its children held {_mb(worker.peak_bytes)} MB, and were killed.")
            await asyncio.wait({result}, timeout=_LOOKED_AT_EVERY_S)
    return result.result()


def _high_water(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    return next((int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM:")), None)


async def _refused(database_url: str) -> Counter[str]:
    pool = await open_pool(database_url, max_size=1)
    async with pool.connection() as connection:
        cursor = connection.cursor(row_factory=tuple_row)
        await cursor.execute("select code from parts where project = %s and code is not null", (PROJECT,))
        refused = Counter(code for (code,) in await cursor.fetchall())
    await pool.close()
    return refused


def _report(*voyages: Voyage) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}")
    print("| PDFs | MB | passages | seconds | peak | of the bound | the worker alone | could not be read |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for voyage in voyages:
        alone = f"{_mb(voyage.worker_bytes)} MB" if voyage.worker_bytes else "not known"
        refused = ", ".join(f"{count} {code}" for code, count in sorted(voyage.refused.items())) or "none"
        print(
            f"| {voyage.papers} | {voyage.megabytes:.0f} | {voyage.record.progress.chunks} | {voyage.seconds:.0f} "
            f"| {_mb(voyage.peak_bytes)} MB | {voyage.peak_bytes / LIMIT_BYTES:.0%} | {alone} | {refused} |"
        )


def _mb(size: int) -> int:
    return size >> 20


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--papers", type=int, default=PAPERS)
    arguments.add_argument("--megabytes", type=int, default=MEGABYTES)
    given = arguments.parse_args()
    sys.exit(asyncio.run(main(given.papers, given.megabytes)))
