"""Deleting a project: in steps small enough that each commits soon, in an order that leaves nothing dangling."""

from __future__ import annotations

from collections.abc import AsyncIterator

from longshore.embedding.choosing import OFFLINE
from longshore.embedding.static import MODEL
from longshore.graph import keys
from longshore.graph.db import Connection, Pool

ROWS = 5000

_TABLES = (
    "provenance",
    "edges",
    "nodes",
    "document_parts",
    "items",
    "item_versions",
    "document_vectors",
    "documents",
    "extractions",
    "concept_terms",
    "import_items",
    "fallback_answers",
)


_UNUSED_VECTORS = """
    delete from embeddings e where e.text_hash = any(%(texts)s) and not exists (
        select from chunks c join projects p using (project)
        where c.text_hash = e.text_hash and c.project <> %(project)s
          and (coalesce(p.index_model, %(model)s) = e.model
               or coalesce(p.embedder, %(offline)s) <> coalesce(p.index_embedder, %(offline)s)))
"""
"""A project that comes to another embedder has a use for vectors of a model that it is not searched by yet."""


async def begin_deletion(connection: Connection, project: str) -> list[str]:
    """From now on nothing is imported into the project. Returns the keys of its sources."""
    await connection.execute(
        "update projects set deleting_at = now() where project = %s and deleting_at is null", (project,)
    )
    cursor = await connection.execute("select source_key from sources where project = %s order by 1", (project,))
    return [row["source_key"] for row in await cursor.fetchall()]


async def count_open_imports(connection: Connection, project: str) -> int:
    cursor = await connection.execute(
        "select count(*) as open from imports where project = %s and outcome is null", (project,)
    )
    row = await cursor.fetchone()
    return int(row["open"]) if row else 0


async def delete_rows(pool: Pool, project: str) -> AsyncIterator[int]:
    """Delete all that belongs to a project, and yield how many rows each step took."""
    for table in _TABLES:
        while deleted := await _delete_some(pool, project, table):
            yield deleted
    while deleted := await _delete_chunks(pool, project):
        yield deleted
    async with pool.connection() as connection:
        cursor = await connection.execute("delete from projects where project = %s", (project,))
        yield cursor.rowcount


async def _delete_some(pool: Pool, project: str, table: str) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            f"delete from {table} where ctid = any(array("
            f"select ctid from {table} where project = %s limit {ROWS}))".encode(),
            (project,),
        )
        return cursor.rowcount


async def _delete_chunks(pool: Pool, project: str) -> int:
    """With the last chunk of a text goes what was said of it, and with the last that is searched by a model its vector
    of that model, which no project owns."""
    async with pool.connection() as connection:
        await keys.may_delete_derived(connection)
        cursor = await connection.execute(
            "delete from chunks where ctid = any(array(select ctid from chunks where project = %s limit %s)) "
            "returning text_hash",
            (project, ROWS),
        )
        scope = {"texts": list({row["text_hash"] for row in await cursor.fetchall()}), "project": project}
        await connection.execute(_UNUSED_VECTORS, {**scope, "offline": OFFLINE, "model": MODEL})
        await connection.execute(
            "delete from llm_answers t where t.text_hash = any(%(texts)s) "
            "and not exists (select from chunks c where c.text_hash = t.text_hash)",
            scope,
        )
        return cursor.rowcount
