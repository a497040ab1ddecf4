from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from longshore.graph.db import Connection, Pool, open_pool
from longshore.graph.holders import end_silent_holders

AT_ONCE = timedelta(0)
INSERT = "insert into projects (project) values ('harbour') on conflict do nothing"


async def ended(pool: Pool, silent: timedelta = AT_ONCE) -> list[int]:
    async with pool.connection() as connection:
        return await end_silent_holders(connection, silent)


async def waits(pool: Pool, connection: Connection) -> None:
    """Until a session waits for a lock."""
    query = "select pid from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"
    async with asyncio.timeout(10), pool.connection() as watching:
        await watching.set_autocommit(True)
        while not await (await watching.execute(query, (connection.info.backend_pid,))).fetchone():
            await asyncio.sleep(0.02)
        await watching.set_autocommit(False)


async def test_a_silent_transaction_makes_way_for_those_that_wait_for_its_locks(pool: Pool, database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as frozen, pool.connection() as waiting:
        await frozen.execute(INSERT)
        insert = asyncio.create_task(waiting.execute(INSERT))
        await waits(pool, waiting)
        assert not await ended(pool, timedelta(hours=1)), "it may be about to go on"
        assert await ended(pool) == [frozen.info.backend_pid]
        assert (await insert).rowcount == 1
        with pytest.raises(psycopg.OperationalError):
            await frozen.execute("select 1")


async def test_who_works_or_holds_up_nobody_is_left_alone(pool: Pool, database_url: str) -> None:
    others = await open_pool(database_url, max_size=2)
    async with others.connection() as idle, others.connection() as working, pool.connection() as waiting:
        await idle.execute("insert into projects (project) values ('quiet')")
        await working.execute(INSERT)
        work = asyncio.create_task(working.execute("select pg_sleep(60)"))
        insert = asyncio.create_task(waiting.execute(INSERT))
        await waits(pool, waiting)
        assert not await ended(pool)
        await working.cancel_safe()
        with pytest.raises(psycopg.errors.QueryCanceled):
            await work
        await working.rollback()
        await insert
    await others.close()
