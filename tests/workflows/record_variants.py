"""Record a history of a comparison for the replay test: `python -m tests.workflows.record_variants VERSION`.

As with imports (record.py): keep the old ones, for runs that began before a change must still replay.
"""

from __future__ import annotations

import asyncio
import os
import sys

from tests.workflows.harbour import skipping_engine
from tests.workflows.record import HISTORIES, anonymous
from tests.workflows.yard import Yard, Yards, comparison, start
from workflows.contracts.comparisons import Retry
from workflows.variants import VariantsWorkflow

QUEUE = "recorded"


async def main(version: str) -> None:
    """One variant fails and is retried, one is cancelled, and the comparison is paused meanwhile."""
    yards = Yards()
    async with skipping_engine() as client, yards.serving(client, QUEUE):
        yard = yards.yard = Yard(broken={("1", "structure")}, held={("2", "cost")})
        handle = await start(client, QUEUE, comparison())
        await yard.until("1", "structure")
        await yard.until("2", "cost")
        yard.broken = set()
        while (await handle.query(VariantsWorkflow.board)).variants[1].state != "failed":
            await asyncio.sleep(0.05)
        await handle.signal(VariantsWorkflow.pause)
        await handle.signal(VariantsWorkflow.retry, Retry(variant="1"))
        await handle.signal(VariantsWorkflow.resume)
        while (await handle.query(VariantsWorkflow.board)).variants[1].state != "succeeded":
            await asyncio.sleep(0.05)
        await handle.signal(VariantsWorkflow.cancel)
        await handle.result()
        history = await handle.fetch_history()
        (HISTORIES / f"variants.{version}.json").write_text(anonymous(history.to_json()))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    # The SDK's runtime can abort the interpreter while it exits on Python 3.11 and 3.12 (sdk-python issue 300).
    os._exit(0)
