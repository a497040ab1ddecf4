"""Deleting a project takes what only it used, also where another one comes to use it in that moment."""

from __future__ import annotations

import asyncio
from uuid import UUID

import numpy as np

from longshore.embedding.static import MODEL
from longshore.extraction.chat import ChatExtractor, RawAnswer
from longshore.graph import answers, deletion, keys, parts, sharing
from longshore.graph.db import Pool
from longshore.graph.parts import PartRef
from longshore.ids import space_of
from longshore.parsing.inline import parse_text
from longshore.providers.settings import ExtractionProvider
from tests.graph.conftest import until_somebody_waits

HOME, SPACE = "shelf", space_of("shelf", "c1", 0)
PART = PartRef(UUID(int=7), "attachment", "a.txt", "0" * 64, "text/plain")
OWN = PartRef(UUID(int=8), "attachment", "b.txt", "1" * 64, "text/plain")
TEXT = "A crane lifts what the ship has brought."


async def read(pool: Pool, project: str, part: PartRef, text: str) -> None:
    async with pool.connection() as connection:
        await parts.store_parsed(connection, project, part, parse_text(text, "text/plain"))


async def embed(pool: Pool, project: str, part: PartRef) -> int:
    """As an import does; how many passages had no vector."""
    async with pool.connection() as connection:
        todo = await parts.unembedded(connection, project, [part.part_id], MODEL)
    async with pool.connection() as connection:
        await parts.store_vectors(
            connection, MODEL, [text_hash for text_hash, _ in todo], np.ones((len(todo), 256), np.float32)
        )
    return len(todo)


async def delete(pool: Pool, project: str) -> None:
    async with pool.connection() as connection:
        await deletion.begin_deletion(connection, project)
    async for _ in deletion.delete_rows(pool, project):
        pass


async def vectors(pool: Pool) -> set[UUID]:
    async with pool.connection() as connection:
        cursor = await connection.execute("select text_hash from embeddings")
        return {row["text_hash"] for row in await cursor.fetchall()}


async def models(pool: Pool) -> set[str]:
    async with pool.connection() as connection:
        cursor = await connection.execute("select model from embeddings")
        return {row["model"] for row in await cursor.fetchall()}


async def test_vectors_go_with_the_last_passage_that_has_them(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s), (%s)", (HOME, SPACE))
    await read(pool, SPACE, PART, TEXT)
    await read(pool, SPACE, OWN, "Only this variant says so.")
    await read(pool, HOME, PART, TEXT)
    assert [await embed(pool, SPACE, PART), await embed(pool, SPACE, OWN), await embed(pool, HOME, PART)] == [1, 1, 0]
    await delete(pool, SPACE)
    assert await vectors(pool) == {keys.text_hash(TEXT)}


async def test_vectors_of_a_model_go_with_the_last_project_that_is_searched_by_it(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s), (%s)", (HOME, SPACE))
        for project in (HOME, SPACE):
            await parts.store_parsed(connection, project, PART, parse_text(TEXT, "text/plain"))
        for model in (MODEL, "m@256"):
            await parts.store_vectors(connection, model, [keys.text_hash(TEXT)], np.ones((1, 256), np.float32))
        await connection.execute("update projects set embedder = 'm' where project = %s", (HOME,))
    await delete(pool, SPACE)
    assert await models(pool) == {MODEL, "m@256"}, "the project is on its way from the one to the other"

    async with pool.connection() as connection:
        await connection.execute("update projects set index_embedder = 'm', index_model = 'm@256'")
        await connection.execute("insert into projects (project) values (%s)", (SPACE,))
        await parts.store_parsed(connection, SPACE, PART, parse_text(TEXT, "text/plain"))
    await delete(pool, SPACE)
    assert await models(pool) == {"m@256"}


async def test_import_that_meets_a_deletion_never_relies_on_a_vector_that_goes(pool: Pool) -> None:
    """Whichever is first: the passage that was read meanwhile has its vector in the end."""
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s), (%s)", (HOME, SPACE))
    await read(pool, SPACE, PART, TEXT)
    await embed(pool, SPACE, PART)
    async with pool.connection() as relying:
        await keys.rely_on_derived(relying)
        deleting = asyncio.create_task(delete(pool, SPACE))
        await until_somebody_waits(pool)
        await read(pool, HOME, PART, TEXT)
        assert await parts.unembedded(relying, HOME, [PART.part_id], MODEL) == []
    await deleting
    assert await vectors(pool) == {keys.text_hash(TEXT)}

    async with pool.connection() as going:
        await keys.may_delete_derived(going)
        await going.execute("delete from embeddings")
        embedding = asyncio.create_task(embed(pool, HOME, PART))
        await until_somebody_waits(pool)
    assert await embedding == 1
    assert await vectors(pool) == {keys.text_hash(TEXT)}


async def test_import_that_meets_a_deletion_never_relies_on_an_answer_that_goes(pool: Pool) -> None:
    reader = ChatExtractor(ExtractionProvider(name="reader", kind="openai", model="m"))

    async def unanswered() -> list[UUID]:
        async with pool.connection() as connection:
            return [found for found, _ in await answers.unanswered(connection, HOME, [PART.part_id], reader, None, 9)]

    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (HOME,))
        raw = RawAnswer('{"entities": [], "relations": []}', "m", 1, 1)
        await answers.store_answer(connection, reader, keys.text_hash(TEXT), TEXT, raw)
    await read(pool, HOME, PART, TEXT)
    assert await unanswered() == []
    async with pool.connection() as going:
        await keys.may_delete_derived(going)
        await going.execute("delete from llm_answers")
        asking = asyncio.create_task(unanswered())
        await until_somebody_waits(pool)
    assert await asking == [keys.text_hash(TEXT)]


async def test_text_of_a_project_that_is_being_deleted_is_not_taken_over(pool: Pool) -> None:
    """Its passages go step by step, so that some of them might be missing."""
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s), (%s)", (HOME, SPACE))
    await read(pool, SPACE, PART, TEXT)
    async with pool.connection() as connection:
        others = await sharing.family(connection, HOME)
        await deletion.begin_deletion(connection, SPACE)
        await connection.execute("delete from chunks where project = %s", (SPACE,))
        await sharing.adopt_parts(connection, HOME, others, [PART.part_id])
        assert await parts.unparsed(connection, HOME, [PART.part_id]) == {PART.part_id}
