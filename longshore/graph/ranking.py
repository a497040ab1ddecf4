"""The two rankings of a search: passages by their words, and by their vectors."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from longshore.graph.db import Connection
from longshore.graph.filters import Filters
from longshore.graph.lexicon import tokens
from longshore.graph.matching import stands_for_pairs

_CANDIDATES = 100
"""Passages that each ranking contributes."""
_MOST_WORDS = 32
_COUNTED = 10_000
"""Chunks beyond which a word's frequency is not counted further: it is common by then."""
_EXACT = 10_000
"""Chunks up to which every distance is computed. The approximate index knows nothing of projects and filters: it would
give up before it had found the few that pass."""

_SHOWN = """
    exists (
        select from document_parts p join documents d on d.project = p.project and d.document_id = p.document_id
        where p.project = c.project and p.part_id = c.part_id and {condition}
    )
"""


@dataclass(frozen=True)
class Scope:
    """The passages of a project's documents that pass the filters."""

    project: str
    filters: Filters

    def condition(self) -> str:
        """SQL that is true of the rows `c` of chunks that are meant; it takes the `parameters`."""
        return "c.project = %(project)s and " + _SHOWN.format(condition=self.filters.condition())

    def parameters(self) -> dict[str, object]:
        return {"project": self.project, **self.filters.parameters()}


async def telling_words(connection: Connection, project: str, query: str) -> dict[str, float]:
    """The query's index words with their inverse document frequency (that of BM25).

    Words that more than half of the chunks hold are left out, unless there are no others.
    """
    words = list(dict.fromkeys(tokens(query)))[:_MOST_WORDS]
    cursor = await connection.execute(
        """
        select asked.word,
            (select count(*) from (
                select from chunks where project = %(project)s and lexemes @@ asked.operand limit %(most)s
            ) as held) as chunks,
            (select count(*) from (select from chunks where project = %(project)s limit %(most)s) as every) as total
        from (
            select word, to_tsquery('simple', operand) as operand
            from unnest(%(words)s::text[], %(operands)s::text[]) as given (word, operand)
        ) as asked
        where numnode(asked.operand) > 0
        """,
        {"project": project, "words": words, "operands": [_operand(word) for word in words], "most": _COUNTED},
    )
    found = {row["word"]: row for row in await cursor.fetchall() if row["chunks"]}
    telling = {word: row for word, row in found.items() if 2 * row["chunks"] <= row["total"]}
    return {
        word: log(1 + (row["total"] - row["chunks"] + 0.5) / (row["chunks"] + 0.5))
        for word, row in (telling or found).items()
    }


async def rank_by_words(connection: Connection, scope: Scope, weights: dict[str, float]) -> list[UUID]:
    """Texts that hold any of the words, by the sum of each word's weight times its saturated count."""
    if not weights:
        return []
    operands = [_operand(word) for word in weights]
    cursor = await connection.execute(
        f"""
        with asked as materialized (
            select to_tsquery('simple', operand) as word, weight
            from unnest(%(operands)s::text[], %(weights)s::float8[]) as given (operand, weight)
        )
        select c.text_hash
        from chunks c, lateral (select sum(weight * ts_rank(c.lexemes, word)) as score from asked) as ranked
        where {scope.condition()} and c.lexemes @@ to_tsquery('simple', %(any)s)
        group by c.text_hash
        order by max(ranked.score) desc, c.text_hash
        limit %(limit)s
        """,
        {
            **scope.parameters(),
            "operands": operands,
            "weights": list(weights.values()),
            "any": " | ".join(operands),
            "limit": _CANDIDATES,
        },
    )
    return [row["text_hash"] for row in await cursor.fetchall()]


async def rank_by_vector(connection: Connection, scope: Scope, vector: NDArray[np.float32], model: str) -> list[UUID]:
    """Texts by cosine distance: exact in a small scope, from the approximate index in a large one."""
    if not vector.any():
        return []
    cursor = await connection.execute(
        f"select count(*) as chunks from (select from chunks c where {scope.condition()} limit %(most)s) as held",
        {**scope.parameters(), "most": _EXACT + 1},
    )
    counted = await cursor.fetchone()
    few = counted is not None and counted["chunks"] <= _EXACT
    await connection.execute("set local hnsw.iterative_scan = relaxed_order")
    cursor = await connection.execute(
        (_NEAREST_OF_FEW if few else _NEAREST_OF_MANY).format(
            # Literals, so that the planner sees the model's partial index.
            condition=scope.condition(),
            dimensions=len(vector),
            model=_literal(model),
        ),
        {**scope.parameters(), "vector": HalfVector(vector).to_text(), "limit": _CANDIDATES},
    )
    return [row["text_hash"] for row in await cursor.fetchall()]


_NEAREST_OF_FEW = """
    with meant as materialized (
        select distinct c.text_hash from chunks c where {condition}
    ), placed as materialized (
        select e.text_hash, e.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions}) as distance
        from meant join embeddings e on e.text_hash = meant.text_hash and e.model = {model}
        where e.vector is not null
    )
    select text_hash from placed order by distance, text_hash limit %(limit)s
"""
_NEAREST_OF_MANY = """
    select nearest.text_hash from (
        select e.text_hash, e.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions}) as distance
        from embeddings e
        where e.model = {model} and exists (
            select from chunks c where c.text_hash = e.text_hash and {condition}
        )
        order by e.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions})
        limit %(limit)s
    ) as nearest
    where nearest.distance is not null
    order by nearest.distance, nearest.text_hash
"""


def _operand(word: str) -> str:
    return f"{word}:*" if stands_for_pairs(word) else word


def _literal(text: str) -> str:
    escaped = text.replace("'", "''").replace("%", "%%")
    return f"'{escaped}'"
