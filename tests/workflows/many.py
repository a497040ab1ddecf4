"""`python -m tests.workflows.many`: the fan-in as often, and as wide, as issue 7 asks for.

A thousand comparisons whose three variants end in the same moment, then one of 300 that do.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from statistics import median
from time import perf_counter

from temporalio.client import Client

from tests.workflows.harbour import skipping_engine
from tests.workflows.yard import Yard, Yards, comparison, start
from workflows.comparing import STEPS

QUEUE = "many"


async def run(client: Client, yards: Yards, variants: int) -> float:
    """Seconds between the first and the last end of a comparison's variants."""
    yard = yards.yard = Yard(together=variants)
    handle = await start(client, QUEUE, comparison(variants))
    board = await asyncio.wait_for(handle.result(), 600)
    assert board.state == "succeeded", board
    assert Counter(count for (_, step), count in yard.calls.items() if step in STEPS) == {1: variants * len(STEPS)}
    assert len(yard.closed) == 1
    return max(yard.ended_at["cost"]) - min(yard.ended_at["cost"])


async def main() -> None:
    times, most = (int(argument) for argument in (sys.argv[1:] or ["1000", "300"]))
    yards = Yards()
    async with skipping_engine() as client, yards.serving(client, QUEUE):
        began = perf_counter()
        spreads = [await run(client, yards, 3) for _ in range(times)]
        within = sum(spread <= 0.01 for spread in spreads)
        sys.stdout.write(
            f"{times} comparisons of 3: none stuck, each variant counted once; {within} ended within 10 ms "
            f"(median {median(spreads) * 1000:.2f} ms); {perf_counter() - began:.0f} s\n"
        )
        began = perf_counter()
        spread = await run(client, yards, most)
        sys.stdout.write(
            f"1 comparison of {most}: not stuck, each counted once; all ended within {spread * 1000:.0f} ms; "
            f"{perf_counter() - began:.0f} s\n"
        )


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
    # The SDK's runtime can abort the interpreter while it exits on Python 3.11 and 3.12 (sdk-python issue 300).
    os._exit(0)
