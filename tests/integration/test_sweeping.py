"""What is done without anybody looking: imports that were ended from outside are settled, and receivers told."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

from longshore.graph import catalog, webhooks
from longshore.graph.db import open_pool
from tests.integration.receiver import Receiver
from tests.integration.test_recovery import settled
from tests.integration.voyage import PROJECT, Voyage

SETTLED_WITHIN_S = 30.0


async def test_a_terminated_import_is_settled_although_nobody_reads_it(
    voyage: Voyage, library: Path, receiver: Receiver
) -> None:
    receiver.refused = 1
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (PROJECT,))
        await webhooks.add_webhook(connection, PROJECT, receiver.url, ["import.closed"])
    worker = voyage.start_worker()
    submission = await voyage.hand_over(library, "library")
    handle = await voyage.begin(submission)
    await voyage.until(handle, settled(0.2))

    await handle.terminate()
    terminated_at = time.monotonic()
    async with asyncio.timeout(60):
        _, body = await receiver.received.get()

    assert time.monotonic() - terminated_at < SETTLED_WITHIN_S
    told = json.loads(body)
    assert (told["type"], told["import"]) == ("import.closed", submission.import_id)
    assert (told["data"]["state"], told["data"]["reason"]["code"]) == ("failed", "terminated")
    async with pool.connection() as connection:
        row = await catalog.find_import(connection, PROJECT, submission.import_id)
    assert row is not None
    assert row.record == told["data"]
    items = told["data"]["items"]
    assert items["total"] == items["added"] + items["skipped"]
    again = await voyage.finish(await voyage.submit(library, "library"))
    assert (again.state, again.items.unchanged) == ("succeeded", items["added"])
    assert receiver.received.qsize() <= 1
    worker.terminate()
    assert worker.wait(10) == 0, "it does not wait for the watch to end"
    await pool.close()
