"""Hybrid search: passages by their words and by their vectors, the two rankings fused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import log
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import sql
from pydantic import BaseModel

from longshore.graph.db import Connection
from longshore.graph.lexicon import tokens

_CANDIDATES = 100
"""Passages that each ranking contributes."""
_MOST_WORDS = 32
_COUNTED = 10_000
"""Chunks beyond which a word's frequency is not counted further: it is common by then."""
_FUSION = 60
"""Reciprocal rank fusion's k (Cormack, Clarke and Büttcher, SIGIR 2009)."""
_SYLLABLE = re.compile(r"[가-힣一-鿿぀-ヿ]")
_ENGLISH_MODELS = frozenset({"wordllama-l2-supercat-256"})
_FOREIGN_WEIGHT = 0.1
"""Of a ranking by vectors whose model never learned the query's script: it breaks ties and fills up."""


class Passage(BaseModel):
    """A chunk as a search result. Offsets count Unicode characters in the part's whole text; pages count from 1."""

    document_id: UUID
    title: str
    authors: list[str]
    year: int | None
    item_type: str
    page: int | None
    start: int
    end: int
    text: str
    score: float
    """Of this answer only: comparable within it, not between two searches."""


async def search(
    connection: Connection, project: str, query: str, vector: NDArray[np.float32] | None, model: str, limit: int
) -> list[Passage]:
    """The best passages of the project's documents, each once per document.

    Args:
        query: What is asked for, in any language.
        vector: The query as a unit vector of `model`, shape (dimensions,); None or zeros when it has none.
        limit: The most passages to answer.
    """
    async with connection.transaction():
        by_words = await _by_words(connection, project, query)
        by_vector = await _by_vector(connection, project, vector, model) if vector is not None and vector.any() else []
        foreign = model in _ENGLISH_MODELS and _SYLLABLE.search(query)
        scores = _fused((by_words, 1.0), (by_vector, _FOREIGN_WEIGHT if foreign else 1.0))
        return await _passages(connection, project, scores, limit)


def _fused(*rankings: tuple[Sequence[UUID], float]) -> dict[UUID, float]:
    """Score of every text, best first, from rankings with their weights; among equals the earlier ranking decides."""
    scores: dict[UUID, float] = {}
    for ranking, weight in rankings:
        for rank, text_hash in enumerate(ranking, start=1):
            scores[text_hash] = scores.get(text_hash, 0.0) + weight / (_FUSION + rank)
    return dict(sorted(scores.items(), key=lambda entry: -entry[1]))


async def _by_words(connection: Connection, project: str, query: str) -> list[UUID]:
    """Texts that hold any of the query's telling words, by the sum of each word's rarity times its saturated count."""
    weights = await _weighed_words(connection, project, query)
    if not weights:
        return []
    cursor = await connection.execute(
        """
        select c.text_hash
        from chunks c, lateral (
            select sum(w.weight * ts_rank(c.lexemes, w.word::tsquery)) as score
            from unnest(%(words)s::text[], %(weights)s::float8[]) as w (word, weight)
        ) as ranked
        where c.project = %(project)s and c.lexemes @@ %(any)s::tsquery
          and exists (select from document_parts p where p.project = c.project and p.part_id = c.part_id)
        group by c.text_hash
        order by max(ranked.score) desc, c.text_hash
        limit %(limit)s
        """,
        {
            "project": project,
            "words": list(weights),
            "weights": list(weights.values()),
            "any": " | ".join(f"({word})" for word in weights),
            "limit": _CANDIDATES,
        },
    )
    return [row["text_hash"] for row in await cursor.fetchall()]


async def _weighed_words(connection: Connection, project: str, query: str) -> dict[str, float]:
    """The query's words in tsquery syntax with their inverse document frequency (that of BM25).

    Words that more than half of the chunks hold are left out, unless there are no others.
    """
    words = [_operand(word) for word in dict.fromkeys(tokens(query))][:_MOST_WORDS]
    cursor = await connection.execute(
        """
        select asked.word::text as word,
            (select count(*) from (
                select from chunks where project = %(project)s and lexemes @@ asked.word limit %(most)s
            ) as held) as chunks,
            (select count(*) from (select from chunks where project = %(project)s limit %(most)s) as every) as total
        from (select to_tsquery('simple', word) as word from unnest(%(words)s::text[]) as word) as asked
        where numnode(asked.word) > 0
        """,
        {"project": project, "words": words, "most": _COUNTED},
    )
    found = {row["word"]: row for row in await cursor.fetchall() if row["chunks"]}
    telling = {word: row for word, row in found.items() if 2 * row["chunks"] <= row["total"]}
    return {
        word: log(1 + (row["total"] - row["chunks"] + 0.5) / (row["chunks"] + 0.5))
        for word, row in (telling or found).items()
    }


def _operand(word: str) -> str:
    """A lone syllable stands for all pairs that begin with it, since the index holds pairs."""
    return f"{word}:*" if len(word) == 1 and _SYLLABLE.match(word) else word


async def _by_vector(connection: Connection, project: str, vector: NDArray[np.float32], model: str) -> list[UUID]:
    """Texts of the project by cosine distance. The model is a literal so that the planner sees its partial index."""
    await connection.execute("set local hnsw.iterative_scan = relaxed_order")
    statement = sql.SQL(
        """
        select nearest.text_hash from (
            select e.text_hash, e.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions}) as distance
            from embeddings e
            where e.model = {model} and exists (
                select from chunks c join document_parts p on p.project = c.project and p.part_id = c.part_id
                where c.text_hash = e.text_hash and c.project = %(project)s
            )
            order by e.vector::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions})
            limit %(limit)s
        ) as nearest
        where nearest.distance is not null
        order by nearest.distance, nearest.text_hash
        """
    ).format(dimensions=sql.Literal(len(vector)), model=sql.Literal(model))
    cursor = await connection.execute(
        statement, {"vector": HalfVector(vector).to_text(), "project": project, "limit": _CANDIDATES}
    )
    return [row["text_hash"] for row in await cursor.fetchall()]


async def _passages(connection: Connection, project: str, scores: dict[UUID, float], limit: int) -> list[Passage]:
    best = list(scores)[:limit]
    cursor = await connection.execute(
        """
        select distinct on (p.document_id, c.text_hash)
            c.text_hash, p.document_id, d.title, d.year, d.kind as item_type, d.metadata -> 'creators' as creators,
            c.page, c.start_offset as start, c.end_offset as "end", c.text
        from chunks c
        join document_parts p on p.project = c.project and p.part_id = c.part_id
        join documents d on d.project = p.project and d.document_id = p.document_id
        where c.project = %s and c.text_hash = any(%s)
        order by p.document_id, c.text_hash, c.part_id, c.ordinal
        """,
        (project, best),
    )
    rank = {text_hash: place for place, text_hash in enumerate(best)}
    rows = sorted(await cursor.fetchall(), key=lambda row: (rank[row["text_hash"]], row["document_id"]))
    return [
        Passage(**row, score=scores[row["text_hash"]], authors=_authors(row["creators"] or [])) for row in rows[:limit]
    ]


def _authors(creators: list[dict[str, str]]) -> list[str]:
    return [_written(creator) for creator in creators if creator.get("role") == "author"]


def _written(creator: dict[str, str]) -> str:
    """Given name first; in scripts that put the family first, as one word."""
    given, family = creator.get("given") or "", creator.get("family") or ""
    if given and _SYLLABLE.match(family):
        return family + given
    return f"{given} {family}".strip()
