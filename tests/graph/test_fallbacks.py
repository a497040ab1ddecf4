"""Whose answer about a passage a project shows, while its own extractor is away and after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from longshore.extraction.chat import ChatExtractor, RawAnswer
from longshore.graph import answers, fallbacks
from longshore.graph.db import Connection, Pool
from longshore.providers.settings import ExtractionProvider

PROJECT = "stand-in"
ANSWER = RawAnswer('{"entities": [], "relations": []}', "model", 1, 1)


def reader(name: str, model: str) -> ChatExtractor:
    return ChatExtractor(ExtractionProvider(name=name, kind="openai", model=model))


OWN, OTHER, SAME_MODEL = reader("own", "m"), reader("other", "n"), reader("same", "m")


@pytest_asyncio.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project, facts_by) values (%s, %s)", (PROJECT, OWN.name))
        yield connection
        await connection.rollback()


@pytest.fixture
def passage() -> UUID:
    return uuid4()


async def answer(connection: Connection, passage: UUID, by: ChatExtractor) -> None:
    await answers.store_answer(connection, by, passage, "A passage.", ANSWER)


async def stands_in(connection: Connection, passage: UUID, fallback: ChatExtractor) -> bool:
    await fallbacks.stand_in(connection, PROJECT, "an-import", passage, OWN, fallback)
    return await fallbacks.stands_in(connection, PROJECT, "an-import", passage, OWN)


async def test_there_is_nothing_to_stand_in_without_an_answer(connection: Connection, passage: UUID) -> None:
    assert not await stands_in(connection, passage, OTHER)
    await answer(connection, passage, OTHER)
    assert await stands_in(connection, passage, OTHER)
    assert await fallbacks.count_passages(connection, PROJECT, "an-import") == {"extraction.other": 1}


async def test_the_own_answer_is_shown_where_there_is_one(connection: Connection, passage: UUID) -> None:
    await answer(connection, passage, OTHER)
    await answer(connection, passage, OWN)
    assert not await stands_in(connection, passage, OTHER)


async def test_a_late_own_answer_takes_its_place_again(connection: Connection, passage: UUID) -> None:
    await answer(connection, passage, OTHER)
    assert await stands_in(connection, passage, OTHER)
    await answer(connection, passage, OWN)
    await fallbacks.give_way(connection, PROJECT, passage, OWN)
    assert not await fallbacks.stands_in(connection, PROJECT, "an-import", passage, OWN)


async def test_the_same_model_elsewhere_is_told_apart_by_who_answered(connection: Connection, passage: UUID) -> None:
    await answer(connection, passage, SAME_MODEL)
    assert await stands_in(connection, passage, SAME_MODEL)
    mine = uuid4()
    await answer(connection, mine, OWN)
    assert not await stands_in(connection, mine, SAME_MODEL)


async def test_what_only_the_fallback_failed_at_is_asked_anew_too(connection: Connection, passage: UUID) -> None:
    await answers.store_failure(connection, OTHER, passage, "It declined.")
    assert await stands_in(connection, passage, OTHER)
    assert await fallbacks.count_passages(connection, PROJECT, "an-import") == {}
    await fallbacks.ask_anew(connection, PROJECT, OWN)
    assert not await stands_in(connection, passage, OTHER), "nor is its failure kept"
