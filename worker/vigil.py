"""What a worker looks after besides its queues: that nobody who has fallen silent holds up everybody's work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
