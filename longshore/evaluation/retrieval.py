"""What a search finds: the questions put to the search that everybody uses."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from longshore.embedding.base import Purpose
from longshore.evaluation.measures import Scores, score
from longshore.evaluation.questions import Question, Target
from longshore.extraction.evidence import find
from longshore.graph import keys, parts
from longshore.graph.db import Connection
from longshore.graph.filters import Filters
from longshore.graph.lexicon import tokens
from longshore.graph.ranking import Scope
from longshore.graph.search import Passage, search

_PASSAGES = 100
"""That are looked through for each question."""

Embed = Callable[[Sequence[str], Purpose], Awaitable[NDArray[np.float32]]]


@dataclass(frozen=True)
class _Cut:
    """A passage that a sentence stands in, or a part of one, and what is left of it without."""

    part_id: UUID
    ordinal: int
    taken: int
    """Characters."""
    left: str


async def ask(
    connection: Connection, project: str, questions: Sequence[Question], model: str, embed: Embed
) -> AsyncGenerator[dict[Target, Scores], None]:
    """The scores of the questions, in their order, by what their rankings are judged for.

    For as long as a sentence is asked for, it is taken out of its passage, which is embedded and indexed as what is
    left of it. That is taken back before the next, and nobody else ever sees it.
    """
    scope = Scope(project, Filters())
    asked = await embed([question.text for question in questions], "query")
    cuts = {
        number: await _cuts(connection, project, question) for number, question in enumerate(questions) if question.span
    }
    texts = sorted({cut.left for some in cuts.values() for cut in some})
    vectors = dict(zip(texts, await embed(texts, "document") if texts else (), strict=True))
    for number, question in enumerate(questions):
        async with connection.transaction(force_rollback=True):
            for cut in cuts.get(number, ()):
                await _put(connection, project, cut, model, vectors[cut.left])
            found = await search(connection, scope, question.text, asked[number], model, _PASSAGES)
        scores: dict[Target, Scores] = {question.kind: score(*_judged(question, found, cuts.get(number, ())))}
        if question.span:
            scores["sentence-document"] = score(_documents(found), {question.document_id})
        yield scores


def _judged(question: Question, found: Sequence[Passage], cuts: Sequence[_Cut]) -> tuple[list[Hashable], set[Hashable]]:
    """What was found, and what should have been: one passage, or one document.

    A sentence that was cut in two belongs to the passage that has more of it.
    """
    if question.span:
        home = max(cuts, key=lambda cut: cut.taken, default=None)
        return list(dict.fromkeys(passage.text for passage in found)), {home and home.left}
    if question.quote is not None:
        answers = [_answers(question, question.quote, passage) for passage in found]
        return list(range(len(found))), {answers.index(True) if True in answers else None}
    return _documents(found), {question.document_id}


def _documents(found: Sequence[Passage]) -> list[Hashable]:
    """Each at the place of its best passage."""
    return list(dict.fromkeys(passage.document_id for passage in found))


def _answers(question: Question, quote: str, passage: Passage) -> bool:
    return passage.document_id == question.document_id and find(quote, passage.text) is not None


async def _cuts(connection: Connection, project: str, question: Question) -> list[_Cut]:
    span = question.span
    assert span is not None
    cursor = await connection.execute(
        "select distinct c.part_id, c.ordinal, c.start_offset as start, c.text "
        "from document_parts d join parts p using (project, part_id) join chunks c using (project, part_id) "
        "where d.project = %s and d.document_id = %s and p.sha256 = %s and c.start_offset < %s and c.end_offset > %s "
        "order by c.part_id, c.ordinal",
        (project, question.document_id, span.sha256, span.end, span.start),
    )
    found = []
    for row in await cursor.fetchall():
        text: str = row["text"]
        start, end = max(0, span.start - row["start"]), min(len(text), span.end - row["start"])
        left = f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
        found.append(_Cut(row["part_id"], row["ordinal"], end - start, left))
    return found


async def _put(connection: Connection, project: str, cut: _Cut, model: str, vector: NDArray[np.float32]) -> None:
    text_hash = keys.text_hash(cut.left)
    await parts.store_vectors(connection, model, [text_hash], vector[np.newaxis])
    await connection.execute(
        "update chunks set text = %s, text_hash = %s, lexemes = to_tsvector('simple', %s) "
        "where project = %s and part_id = %s and ordinal = %s",
        (cut.left, text_hash, " ".join(tokens(cut.left)), project, cut.part_id, cut.ordinal),
    )
