"""`python -m bench`: run everything once, print one table. It fails only where an import does, or graphs differ."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from bench import runs
from bench.corpus import make_catalogue, make_library
from bench.report import report
from bench.runs import Recovery, Run
from bench.stand import Stand, open_stand

CATALOGUE = 5120
PATIENCE_S = 600

T = TypeVar("T")


async def main() -> int:
    load, _, _ = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="longshore-bench-") as folder:
        library, catalogue = Path(folder) / "library", Path(folder) / "catalogue"
        _say("writing the library")
        make_library(library)
        make_catalogue(catalogue, CATALOGUE)
        async with open_stand() as stand:
            papers, entries = await stand.hand_over(library), await stand.hand_over(catalogue)
            plain: list[Run] = []
            durable: list[Run] = []
            for how, kept in (runs.plain, plain), (runs.durable, durable), (runs.durable, durable), (runs.plain, plain):
                kept.append(await _bounded(stand, f"import {len(plain + durable) + 1} of 4", how(stand, papers)))
            recovery = await _bounded(stand, "killing the worker", runs.recovery(stand, papers))
            engine = await _bounded(stand, "the engine alone", runs.engine(stand, entries))
    measured: list[Run | Recovery] = [*plain, *durable, recovery]
    equal = len({run.digest for run in measured}) == 1
    print(report(plain, durable, recovery, engine, equal, load))
    failed = [
        record
        for record in (*(run.record for run in measured), engine.first, engine.again)
        if record.state != "succeeded"
    ]
    for record in failed:
        _say(f"import {record.import_id} {record.state}: {record.reason}")
    return 0 if equal and not failed else 1


async def _bounded(stand: Stand, what: str, run: Awaitable[T]) -> T:
    """A run, given up where it takes too long: the engine tries a workflow that has a bug for ever."""
    _say(what)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await run
    except TimeoutError as error:
        raise RuntimeError(f"{what} took more than {PATIENCE_S} s; the end of the log:\n{stand.log_end()}") from error


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
