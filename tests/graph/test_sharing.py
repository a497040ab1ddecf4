"""What one space has read, the others beside it take over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from uuid import UUID

import pytest

from longshore.errors import ComeBackLater
from longshore.extraction.base import Mention
from longshore.graph import parts, sharing
from longshore.graph.db import Pool
from longshore.graph.holders import SILENT
from longshore.graph.parts import PartRef
from longshore.ids import home_of, is_space, space_of
from longshore.parsing.inline import parse_text
from longshore.parsing.model import ParseFailure
from tests.graph.conftest import until_somebody_waits

HOME, FIRST, SECOND, STRANGER = "shelf", space_of("shelf", "c1", 0), space_of("shelf", "c1", 1), "shelf-2"
PART = PartRef(UUID(int=7), "attachment", "a.txt", "0" * 64, "text/plain")
TEXT = "A crane lifts what the ship has brought."


async def make_projects(pool: Pool) -> None:
    async with pool.connection() as connection:
        for project in (HOME, FIRST, SECOND, STRANGER):
            await connection.execute("insert into projects (project) values (%s)", (project,))


async def read(pool: Pool, project: str) -> None:
    async with pool.connection() as connection:
        await parts.store_parsed(connection, project, PART, parse_text(TEXT, "text/plain"))
        await parts.store_mentions(
            connection, project, PART.part_id, "x", [Mention(term="crane", surface="crane", count=1, score=1)]
        )


async def known(pool: Pool, project: str) -> list[str]:
    async with pool.connection() as connection:
        cursor = await connection.execute("select text from chunks where project = %s", (project,))
        return [row["text"] for row in await cursor.fetchall()]


def test_spaces_are_told_from_projects() -> None:
    assert FIRST == "shelf~c1-0"
    assert [home_of(project) for project in (HOME, FIRST)] == [HOME, HOME]
    assert (is_space(HOME), is_space(FIRST)) == (False, True)


async def test_family_is_the_project_and_the_spaces_beside_it(pool: Pool) -> None:
    await make_projects(pool)
    async with pool.connection() as connection:
        assert await sharing.family(connection, FIRST) == [HOME, SECOND]
        assert await sharing.family(connection, HOME) == [FIRST, SECOND]
        assert await sharing.family(connection, STRANGER) == []
        await connection.execute("update projects set deleting_at = now() where project = %s", (SECOND,))
        assert await sharing.family(connection, FIRST) == [HOME]


async def test_texts_and_what_was_found_in_them_are_taken_over_whole(pool: Pool) -> None:
    await make_projects(pool)
    await read(pool, FIRST)
    for _ in range(2):
        async with pool.connection() as connection:
            await sharing.adopt_parts(connection, SECOND, [FIRST, HOME], [PART.part_id])
            await sharing.adopt_extractions(connection, SECOND, [FIRST, HOME], [PART.part_id], "x")
            assert await parts.unparsed(connection, SECOND, [PART.part_id]) == set()
            assert await parts.unextracted(connection, SECOND, [PART.part_id], "x") == {}
    assert await known(pool, SECOND) == await known(pool, FIRST) == [TEXT]


async def test_failures_are_not_taken_over(pool: Pool) -> None:
    await make_projects(pool)
    async with pool.connection() as connection:
        await parts.store_failure(connection, FIRST, PART, ParseFailure("encrypted", "It is locked.", "Unlock it."))
        await sharing.adopt_parts(connection, SECOND, [FIRST], [PART.part_id])
        assert await parts.unparsed(connection, SECOND, [PART.part_id]) == {PART.part_id}


async def test_readers_of_one_text_at_the_same_moment_read_it_once(pool: Pool) -> None:
    await make_projects(pool)
    readers = {project: sharing.SoleReaders(pool) for project in (HOME, FIRST, SECOND)}
    reads: list[str] = []

    async def take(project: str) -> None:
        async with pool.connection() as connection:
            others = await sharing.family(connection, project)
        async with readers[project].reading(project, others, PART.part_id) as done:
            if not done:
                reads.append(project)
                await asyncio.sleep(0.05)
                await read(pool, project)

    await asyncio.gather(*(take(project) for project in readers))
    assert len(reads) == 1
    assert [await known(pool, project) for project in readers] == [[TEXT]] * 3


async def test_nothing_is_held_where_there_is_nobody_to_share_with(pool: Pool) -> None:
    await make_projects(pool)
    reader = sharing.SoleReaders(pool)
    async with reader.reading(STRANGER, [], PART.part_id) as done, reader.reading(STRANGER, [], PART.part_id) as again:
        assert (done, again) == (False, False)


def reading(pool: Pool) -> AbstractAsyncContextManager[object]:
    return sharing.SoleReaders(pool).reading(FIRST, [HOME, SECOND], PART.part_id)


def paying(pool: Pool) -> AbstractAsyncContextManager[object]:
    return sharing.sole_payer(pool, FIRST, "a passage")


@asynccontextmanager
async def asking(pool: Pool) -> AsyncIterator[None]:
    async with pool.connection() as connection, sharing.sole_asker(connection, HOME, "a question"):
        yield


@pytest.mark.parametrize("hold", [reading, paying, asking])
async def test_who_takes_long_over_what_others_wait_for_is_not_taken_for_dead(
    pool: Pool, hold: Callable[[Pool], AbstractAsyncContextManager[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SILENT.total_seconds() > 3 * sharing._SPEAK_EVERY_S
    monkeypatch.setattr(sharing, "_SPEAK_EVERY_S", 0.02)
    await make_projects(pool)

    async def come_second() -> None:
        async with hold(pool):
            pass

    async with asyncio.TaskGroup() as group, hold(pool):
        waiting = group.create_task(come_second())
        await until_somebody_waits(pool)
        before = await heard_of_holder(pool)
        async with asyncio.timeout(10):
            while await heard_of_holder(pool) <= before:
                await asyncio.sleep(0.02)
        assert not waiting.done()


async def test_who_would_wait_too_long_to_ask_comes_back_later(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_PATIENCE_S", 0.2)
    async with asyncio.timeout(30):
        async with paying(pool):
            with pytest.raises(ComeBackLater) as told:
                async with paying(pool):
                    pass
            assert told.value.code == "asked_elsewhere"
        monkeypatch.undo()
        async with paying(pool):
            pass


async def heard_of_holder(pool: Pool) -> datetime:
    """When who holds up another one has last said something."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select max(query_start) as heard from pg_stat_activity holder where pid in (select "
            "unnest(pg_blocking_pids(pid)) from pg_stat_activity where datname = current_database())"
        )
        row = await cursor.fetchone()
    assert row is not None
    heard: datetime = row["heard"]
    return heard
