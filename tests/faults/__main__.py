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
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.faults.bench import open_bench
from tests.faults.matrix import MATRIX
from tests.faults.report import is_red, table, write_into
from tests.faults.trials import Fault, Row, rows


def main() -> int:
    arguments = _parsed()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # engines are stopped, however this is ended
    faults = [fault for fault in MATRIX if not arguments.faults or fault.id in arguments.faults]
    begun = time.monotonic()
    made = asyncio.run(_run(faults, arguments.seed))
    minutes = (time.monotonic() - begun) / 60
    measured = f"{table(made)}\n\n{_where(made, arguments.seed, minutes)}"
    print(measured, flush=True)
    if arguments.write:
        write_into(arguments.write, measured)
    return int(any(is_red(row) for row in made))


async def _run(faults: list[Fault], seed: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="longshore-faults-") as folder:
        Path(folder).chmod(0o711)  # Postgres, which runs as another user for root, must reach the disks in it
        async with open_bench(Path(folder), seed) as bench:
            return [row async for row in rows(faults, bench, lambda line: print(line, flush=True))]


def _where(made: list[Row], seed: int, minutes: float) -> str:
    tries, survived = sum(row.tries for row in made), sum(row.survived for row in made)
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{survived} of {tries} tries survived, in {minutes:.0f} minutes, with seed {seed}, on "
        f"{datetime.now(UTC):%Y-%m-%d}, with {psutil.cpu_count()} cores and {memory:.0f} GB under "
        f"{platform.system()}, Python {platform.python_version()}."
    )


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="F01", help="the faults to try; all if none is named")
    parser.add_argument("--seed", type=int, default=random.randrange(2**31), help="of whatever is left to chance")
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="a page with a table of measures, whose lines are replaced"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
