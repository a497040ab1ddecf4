"""Imports of a project that are opened at the same time, each of which also says what the project uses from then on."""

from __future__ import annotations

import asyncio

from longshore.graph.db import Connection, Pool
from longshore.graph.indexes import choose_embedder
from longshore.graph.records import open_record
from tests.graph.test_holders import waits


def submission(number: int) -> dict[str, str]:
    source = f"zotero.shelf-{number}"
    return {
        "project": "harbour",
        "import_id": f"{source}.{number:012x}",
        "source_key": source,
        "kind": "zotero",
        "name": f"shelf {number}",
    }


async def opened(connection: Connection, number: int) -> None:
    await open_record(connection, submission(number), "run")
    await choose_embedder(connection, "harbour", None, None)
    await connection.commit()


async def test_two_that_are_opened_at_once_wait_for_each_other_and_not_both(pool: Pool) -> None:
    async with pool.connection() as first:
        await opened(first, 0)  # the project is there: nobody waits for its insert
    async with pool.connection() as first, pool.connection() as second:
        await open_record(first, submission(1), "run")
        following = asyncio.create_task(opened(second, 2))
        await waits(pool, second)
        await choose_embedder(first, "harbour", None, None)
        await first.commit()
        await asyncio.wait_for(following, 10)


async def test_who_only_plans_holds_up_nobody(pool: Pool) -> None:
    async with pool.connection() as first:
        await opened(first, 0)
    async with pool.connection() as planner, pool.connection() as other:
        await open_record(planner, submission(1), "", to_write=False)
        await asyncio.wait_for(opened(other, 2), 10)
        await planner.rollback()
    async with pool.connection() as connection:
        cursor = await connection.execute("select import_id from imports order by import_id")
        assert [row["import_id"] for row in await cursor.fetchall()] == [submission(n)["import_id"] for n in (0, 2)]
