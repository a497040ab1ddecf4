"""`python -m bench`: run everything once, print one table. It fails only where an import does, or graphs differ."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from bench import runs
from bench.corpus import make_catalogue, make_library
from bench.report import report
from bench.runs import Recovery, Run
from bench.stand import open_stand

CATALOGUE = 5120


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
            for number, (how, kept) in enumerate(
                ((runs.plain, plain), (runs.durable, durable), (runs.durable, durable), (runs.plain, plain)), start=1
            ):
                _say(f"import {number} of 4, {how.__name__}")
                kept.append(await how(stand, papers))
            _say("killing the worker")
            recovery = await runs.recovery(stand, papers)
            _say("the engine alone")
            engine = await runs.engine(stand, entries)
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


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
