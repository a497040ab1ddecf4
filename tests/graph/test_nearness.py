"""Every model's vectors are found by an index of their own."""

from __future__ import annotations

import asyncio

import numpy as np
import psycopg
import pytest
from pgvector import HalfVector

from longshore.graph.db import Connection, Pool
from longshore.graph.nearness import Model, make_indexes, searched_models
from worker.indexing import keeping_indexes

MODEL = Model("text-'embedding'-100%@12", 12)


async def fill(connection: Connection, model: Model, count: int) -> None:
    """Random vectors, and as many of another model."""
    vectors = np.random.default_rng(1).normal(size=(count, model.dimensions)).astype(np.float32)
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "insert into embeddings (text_hash, model, vector) values (gen_random_uuid(), %s, %s::text::halfvec)",
            [(name, HalfVector(vector).to_text()) for vector in vectors for name in (model.name, "another")],
        )
    await connection.execute("analyze embeddings")


async def plan_of_a_search(connection: Connection, model: Model) -> str:
    """As `longshore.graph.ranking` orders them."""
    vector, literal = f"[{','.join('1' * model.dimensions)}]", model.name.replace("'", "''")
    distance = f"vector::halfvec({model.dimensions}) <=> '{vector}'::halfvec({model.dimensions})"
    cursor = await connection.execute(
        f"explain select text_hash from embeddings where model = '{literal}' order by {distance} limit 10".encode()
    )
    return "\n".join(row["QUERY PLAN"] for row in await cursor.fetchall())


async def test_a_search_uses_the_index_of_its_model(pool: Pool, database_url: str) -> None:
    async with pool.connection() as connection:
        await fill(connection, MODEL, 500)
    async with pool.connection() as connection:
        assert "Seq Scan" in await plan_of_a_search(connection, MODEL)
    assert await make_indexes(database_url, [MODEL]) == [MODEL.name]
    async with pool.connection() as connection:
        assert f"Index Scan using {MODEL.index}" in await plan_of_a_search(connection, MODEL)
    assert await make_indexes(database_url, [MODEL]) == [], "once is enough"


async def test_an_index_that_was_left_half_made_is_made_anew(pool: Pool, database_url: str) -> None:
    async with pool.connection() as connection:
        await fill(connection, MODEL, 20)
        # One number short: no index takes it, and Postgres leaves what it had begun.
        await connection.execute("insert into embeddings values (gen_random_uuid(), %s, '[1,2]')", (MODEL.name,))
    with pytest.raises(psycopg.Error):
        await make_indexes(database_url, [MODEL])
    async with pool.connection() as connection:
        await connection.execute("delete from embeddings where vector_dims(vector) = 2")
    assert await make_indexes(database_url, [MODEL]) == [MODEL.name]


@pytest.mark.parametrize("dimensions", [3072, 4000])
async def test_vectors_may_be_large(pool: Pool, database_url: str, dimensions: int) -> None:
    model = Model("large", dimensions)
    assert await make_indexes(database_url, [model]) == ["large"]
    async with pool.connection() as connection:
        await fill(connection, model, 3)


async def test_a_worker_indexes_what_projects_are_searched_by_and_what_imports_may_use(
    pool: Pool, database_url: str
) -> None:
    to_come = Model("to come", 8)
    async with pool.connection() as connection:
        await fill(connection, MODEL, 2)
        await connection.execute("insert into projects (project, index_model) values ('shelf', %s)", (MODEL.name,))
    async with pool.connection() as connection:
        assert await searched_models(connection) == [MODEL]
    async with keeping_indexes(pool, database_url, [to_come]), asyncio.timeout(20):
        while await indexed(pool) != {MODEL.index, to_come.index}:
            await asyncio.sleep(0.02)


async def indexed(pool: Pool) -> set[str]:
    """The indexes that are whole, apart from those that every database has."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select indexrelid::regclass::text as name from pg_index "
            "where indrelid = 'embeddings'::regclass and indisvalid and indpred is not null"
        )
        return {row["name"] for row in await cursor.fetchall()} - {"embeddings_wordllama"}
