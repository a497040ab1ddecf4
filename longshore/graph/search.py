"""Hybrid search: passages by their words and by their vectors, the two rankings fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from longshore.graph.bylines import authors_of
from longshore.graph.db import Connection
from longshore.graph.matching import has_syllables, matched_words
from longshore.graph.ranking import Scope, rank_by_vector, rank_by_words, telling_words

_FUSION = 60
"""Reciprocal rank fusion's k (Cormack, Clarke and Büttcher, SIGIR 2009)."""
_ENGLISH_MODELS = frozenset({"wordllama-l2-supercat-256"})
_FOREIGN_WEIGHT = 0.1
"""Of a ranking by vectors whose model never learned the query's script: it breaks ties and fills up."""


class Why(BaseModel):
    """What made a passage a result."""

    words: list[str]
    """Those of the query that it holds and that tell passages apart, in lower case."""
    lexical_rank: int | None
    """Its place among the passages by words, from 1; null when it is not among the first hundred."""
    vector_rank: int | None
    """Its place among the passages by meaning, likewise."""


class Passage(BaseModel):
    """A chunk as a search result. Offsets count Unicode characters in the part's whole text; pages and lines from 1."""

    document_id: UUID
    title: str
    authors: list[str]
    year: int | None
    item_type: str
    page: int | None
    first_line: int | None
    """Null, as is the last, where the file has no lines of its own."""
    last_line: int | None
    heading: str | None
    """Headings or symbols that it stands under, outermost first, as in `class Crane > def lift`."""
    start: int
    end: int
    text: str
    score: float
    """Of this answer only: comparable within it, not between two searches."""
    why: Why


@dataclass
class _Fusion:
    """Rankings of texts, fused."""

    ranks: list[Mapping[UUID, int]] = field(default_factory=list)
    scores: dict[UUID, float] = field(default_factory=dict)

    def add(self, ranking: Sequence[UUID], weight: float) -> None:
        self.ranks.append({text_hash: rank for rank, text_hash in enumerate(ranking, start=1)})
        for text_hash, rank in self.ranks[-1].items():
            self.scores[text_hash] = self.scores.get(text_hash, 0.0) + weight / (_FUSION + rank)

    def best(self, limit: int) -> list[UUID]:
        """Among equals the earlier ranking decides."""
        return sorted(self.scores, key=lambda text_hash: -self.scores[text_hash])[:limit]


async def search(
    connection: Connection, scope: Scope, query: str, vector: NDArray[np.float32], model: str, limit: int
) -> list[Passage]:
    """The best passages of the documents in scope, each once per document.

    Args:
        query: What is asked for, in any language.
        vector: The query as a unit vector of `model`, shape (dimensions,); zeros when it has none.
        limit: The most passages to answer.
    """
    fusion = _Fusion()
    async with connection.transaction():
        weights = await telling_words(connection, scope.project, query)
        fusion.add(await rank_by_words(connection, scope, weights), 1.0)
        foreign = model in _ENGLISH_MODELS and has_syllables(query)
        fusion.add(await rank_by_vector(connection, scope, vector, model), _FOREIGN_WEIGHT if foreign else 1.0)
        best = fusion.best(limit)
        cursor = await connection.execute(
            f"""
            select distinct on (p.document_id, c.text_hash)
                c.text_hash, p.document_id, d.title, d.year, d.kind as item_type, d.metadata -> 'creators' as creators,
                c.page, c.first_line, c.last_line, c.heading, c.start_offset as start, c.end_offset as "end", c.text
            from chunks c
            join document_parts p on p.project = c.project and p.part_id = c.part_id
            join documents d on d.project = p.project and d.document_id = p.document_id
            where c.project = %(project)s and c.text_hash = any(%(best)s) and {scope.filters.condition()}
            order by p.document_id, c.text_hash, c.part_id, c.ordinal
            """,
            {**scope.parameters(), "best": best},
        )
    place = {text_hash: number for number, text_hash in enumerate(best)}
    rows = sorted(await cursor.fetchall(), key=lambda row: (place[row["text_hash"]], row["document_id"]))
    return [
        Passage(
            **row,
            authors=authors_of(row["creators"]),
            score=fusion.scores[row["text_hash"]],
            why=Why(
                words=matched_words(query, weights, row["text"]),
                lexical_rank=fusion.ranks[0].get(row["text_hash"]),
                vector_rank=fusion.ranks[1].get(row["text_hash"]),
            ),
        )
        for row in rows[:limit]
    ]
