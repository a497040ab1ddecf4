"""What a worker sees to for search: that the vectors of every model have an index."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg
import psycopg_pool
import structlog

from longshore.graph.db import Pool
from longshore.graph.nearness import Model, make_indexes, searched_models

LOOK_EVERY_S = 600.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def keeping_indexes(pool: Pool, database_url: str, models: Sequence[Model]) -> AsyncIterator[None]:
    """Make the indexes that are missing, now and every ten minutes, while the block runs.

    No import waits for that: a search without an index takes longer and finds the same.

    Args:
        models: Those that imports may use, whether or not there are vectors of them yet. With them come those that
            projects are searched by.
    """
    making = asyncio.create_task(_make(pool, database_url, models))
    try:
        yield
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)


async def _make(pool: Pool, database_url: str, models: Sequence[Model]) -> None:
    while True:
        try:
            async with pool.connection() as connection:
                searched = await searched_models(connection)
            for model in dict.fromkeys((*models, *searched)):
                if await make_indexes(database_url, [model]):
                    log.info("vectors indexed", model=model.name, dimensions=model.dimensions)
        except (psycopg.Error, psycopg_pool.PoolTimeout) as error:
            log.warning("vectors could not be indexed", reason=str(error).partition("\n")[0])
        await asyncio.sleep(LOOK_EVERY_S)
