"""`python -m tests.workflows.many`: the fan-in as often, and as wide, as issue 7 asks for.

A thousand comparisons whose three variants end within 10 ms, then one of 300 that end in the same moment. Many go on
beside each other: whoever waits for the engine leaves the processor to the rest, and ends come between other ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Sequence
from statistics import median
from time import perf_counter

from temporalio.client import Client

from tests.workflows.harbour import skipping_engine
from tests.workflows.yard import Yard, Yards, comparison, start
from workflows.contracts.comparisons import STEPS

QUEUE = "many"
AT_ONCE = 20
CLOSE_S = 0.01
PATIENCE_S = 600.0


async def run(client: Client, queue: str, yards: Yards, variants: int) -> float:
    """Seconds between the first and the last end of a comparison's variants, which succeed, each counted once."""
    asked = comparison(variants)
    yard = yards.own[asked.comparison_id] = Yard(together=variants)
    handle = await start(client, queue, asked)
    board = await asyncio.wait_for(handle.result(), PATIENCE_S)
    del yards.own[asked.comparison_id]
    assert board.state == "succeeded", board
    assert Counter(count for (_, step), count in yard.calls.items() if step in STEPS) == {1: variants * len(STEPS)}
    assert len(yard.closed) == 1
    return max(yard.ended_at["cost"]) - min(yard.ended_at["cost"])


async def run_many(client: Client, yards: Yards, times: int) -> list[float]:
    """The same of comparisons of three, some at a time, until so many have ended as close together as they are to."""
    spreads: list[float] = []

    async def one_after_another() -> None:
        while within(spreads) < times:
            spreads.append(await run(client, QUEUE, yards, 3))

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    return spreads


def within(spreads: Sequence[float]) -> int:
    return sum(spread <= CLOSE_S for spread in spreads)


async def main() -> None:
    times, most = (int(argument) for argument in (sys.argv[1:] or ["1000", "300"]))
    yards = Yards()
    async with skipping_engine() as client, yards.serving(client, QUEUE):
        began = perf_counter()
        spreads = await run_many(client, yards, times)
        sys.stdout.write(
            f"{len(spreads)} comparisons of 3: none stuck, each variant counted once; {within(spreads)} ended within "
            f"10 ms (median {median(spreads) * 1000:.2f} ms); {perf_counter() - began:.0f} s\n"
        )
        began = perf_counter()
        spread = await run(client, QUEUE, yards, most)
        sys.stdout.write(
            f"1 comparison of {most}: not stuck, each counted once; all ended within {spread * 1000:.0f} ms; "
            f"{perf_counter() - began:.0f} s\n"
        )


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
    # The SDK's runtime can abort the interpreter while it exits on Python 3.11 and 3.12 (sdk-python issue 300).
    os._exit(0)
