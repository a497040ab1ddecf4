"""What a worker looks after besides its queues: that nobody who has fallen silent holds it up, or everybody."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import psycopg_pool
import structlog

from longshore.graph.db import Pool
from longshore.graph.holders import end_silent_holders

LOOK_EVERY_S = 5.0

log = structlog.get_logger()


@asynccontextmanager
async def keeping_vigil(pool: Pool) -> AsyncIterator[None]:
    """End silent holders of locks every few seconds, while the block runs."""
    looking = asyncio.create_task(_look(pool))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _look(pool: Pool) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            async with pool.connection() as connection:
                ended = await end_silent_holders(connection)
        except (psycopg.Error, psycopg_pool.PoolTimeout) as error:
            log.debug("could not look for silent transactions", reason=str(error))
            continue
        if ended:
            log.warning("silent transactions ended, which held up others", sessions=ended)


def leave_within(time: timedelta) -> None:
    """End this process when the time is over, if it has not ended by itself.

    The SDK waits for the answers to what it has asked Temporal, for minutes where Temporal has fallen silent. What is
    lost by not waiting is begun again, as after a kill.
    """

    def leave() -> None:
        log.warning("Temporal does not let go of this worker, which leaves all the same")
        os._exit(1)

    timer = threading.Timer(time.total_seconds(), leave)
    timer.daemon = True
    timer.start()
