"""`python -m tests.faults`: try the whole matrix, or the faults that are named, and print the table."""

from __future__ import annotations

import argparse
import asyncio
import platform
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.faults.bench import open_benches
from tests.faults.journal import Journal, commit_of
from tests.faults.lanes import Lanes
from tests.faults.matrix import MATRIX, every_kill, like_a_fresh_import
from tests.faults.passage import REPOSITORY
from tests.faults.report import is_red, slowest, table, write_into
from tests.faults.suites import files_of
from tests.faults.trials import Fault, Row


def main() -> int:
    arguments = _parsed()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # engines are stopped, however this is ended
    faults = [fault for fault in MATRIX if not arguments.faults or fault.id in arguments.faults]
    journal = Journal(arguments.journal, commit_of(REPOSITORY), arguments.seed, arguments.resume)
    begun, ended = time.monotonic(), list[Row]()

    def write(row: Row) -> None:
        ended.append(row)
        if arguments.write:
            write_into(arguments.write, f"{table(ended)}\n\n{_where(ended, journal, begun)}")

    rows = asyncio.run(_run(faults, journal, arguments.jobs, write))
    journal.close()
    print(f"{table(rows)}\n\n{_where(rows, journal, begun)}\n\n{slowest(rows)}", flush=True)
    for row in filter(is_red, rows):
        print(f"RED: {row.fault.id} {'; '.join(row.red) or 'nothing was tried'}", flush=True)
    return int(any(is_red(row) for row in rows))


async def _run(faults: Sequence[Fault], journal: Journal, jobs: int, ended: Callable[[Row], None]) -> list[Row]:
    files = [path for fault in faults for path in files_of(fault) if not journal.has(fault.id, path)]
    with tempfile.TemporaryDirectory(prefix="longshore-faults-") as folder:
        Path(folder).chmod(0o711)  # Postgres, which runs as another user for root, must reach the disks in it
        sequels = any(trials in (every_kill, like_a_fresh_import) for fault in faults for trials in fault.trials)
        async with open_benches(Path(folder), journal.seed, jobs, files, sequels) as benches:
            return await Lanes(faults, benches, journal, lambda line: print(line, flush=True), ended).run()


def _where(rows: Sequence[Row], journal: Journal, begun: float) -> str:
    tries, survived = sum(row.tries for row in rows), sum(row.survived for row in rows)
    memory = psutil.virtual_memory().total / 2**30
    whole = len(rows) == len(MATRIX)
    which = "" if whole else f"Put together from several runs; the last, of {_named(rows)}: "
    return (
        f"{which}{survived} of {tries} tries survived, in {(time.monotonic() - begun) / 60:.0f} minutes, with seed "
        f"{journal.seed}, at commit {journal.commit}, on {datetime.now(UTC):%Y-%m-%d}, with {psutil.cpu_count()} cores "
        f"and {memory:.0f} GB under {platform.system()}, Python {platform.python_version()}."
    )


def _named(rows: Sequence[Row]) -> str:
    return ", ".join(sorted(row.fault.id for row in rows)) if len(rows) <= 6 else f"{len(rows)} lines"


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="F01", help="the faults to try; all if none is named")
    parser.add_argument("--seed", type=int, default=random.randrange(2**31), help="of whatever is left to chance")
    parser.add_argument("--jobs", type=int, default=2, help="lanes side by side, each with engines of its own")
    parser.add_argument("--journal", type=Path, default=REPOSITORY / "build" / "faults.jsonl", help="kept line by line")
    parser.add_argument("--resume", action="store_true", help="go on with a journal of the same commit")
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="a page with a table of measures, whose lines are replaced"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
