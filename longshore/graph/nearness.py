"""The approximate indexes that search finds vectors by, one for each model: without it every vector is looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from longshore.graph.db import Connection

MOST_DIMENSIONS = 4000
"""That pgvector's index takes of half-precision numbers."""
_LOCK = 0x10465606


@dataclass(frozen=True)
class Model:
    """What vectors are stored under, and how many numbers each has."""

    name: str
    dimensions: int

    @property
    def index(self) -> str:
        """Its name says nothing of the model's, which may be longer than a name in Postgres."""
        return "embeddings_" + hashlib.sha256(f"{self.name}@{self.dimensions}".encode()).hexdigest()[:16]


async def searched_models(connection: Connection) -> list[Model]:
    """Those that projects are searched by, apart from the offline one, whose index every database has."""
    cursor = await connection.execute(
        "select model, (select vector_dims(e.vector) from embeddings e "
        "where e.model = used.model and e.vector is not null limit 1) as dimensions "
        "from (select distinct index_model as model from projects where index_model is not null) as used order by model"
    )
    return [Model(row["model"], row["dimensions"]) for row in await cursor.fetchall() if row["dimensions"]]


async def make_indexes(database_url: str, models: Sequence[Model]) -> list[str]:
    """Make the indexes that are missing or were left half made, while others read and write. Answers what was made.

    That takes seconds for ten thousand vectors and hours for some millions, and none while a model has no vectors yet.
    Where somebody else is at it, nothing is done.

    Raises:
        psycopg.Error: the database is away, or vectors of a model have not the dimensions that they should have.
    """
    # An index is made beside the writers only outside of a transaction.
    connection = await psycopg.AsyncConnection.connect(database_url, autocommit=True)
    async with connection:
        # Not waited for: who waits holds a snapshot, and the index would wait for that.
        cursor = await connection.execute("select pg_try_advisory_lock(%s)", (_LOCK,))
        [(ours,)] = await cursor.fetchall()
        if not ours:
            return []
        return [model.name for model in models if await _make(connection, model)]


async def _make(connection: psycopg.AsyncConnection[tuple[object, ...]], model: Model) -> bool:
    if model.dimensions > MOST_DIMENSIONS:
        return False
    cursor = await connection.execute(
        "select i.indisvalid from pg_index i where i.indexrelid = to_regclass(%s)", (model.index,)
    )
    found = await cursor.fetchone()
    if found == (True,):
        return False
    if found:
        await connection.execute(sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(model.index)))
    # The very expressions that a search uses (longshore/graph/ranking.py); a statement like this takes no parameters.
    await connection.execute(
        sql.SQL(
            "create index concurrently {} on embeddings using hnsw ((vector::halfvec({})) halfvec_cosine_ops) "
            "where model = {}"
        ).format(sql.Identifier(model.index), sql.Literal(model.dimensions), sql.Literal(model.name))
    )
    return True
