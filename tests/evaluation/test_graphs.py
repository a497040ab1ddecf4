"""Measures of graphs whose right values can be counted by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import numpy as np
from numpy.typing import NDArray

from longshore.embedding.base import Purpose
from longshore.embedding.static import StaticEmbedder
from longshore.evaluation import cost, drawing, structure
from longshore.evaluation.measures import Scores
from longshore.evaluation.questions import Question
from longshore.evaluation.retrieval import Embed, ask
from longshore.extraction.concepts import CValueExtractor
from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from tests.graph.conftest import PROJECT, Importer, attachment, entry

CRANES = (
    "Harbour cranes lift containers from the ship onto the waiting lorries below. "
    "The operator of a harbour crane sits forty metres above the quay and sees everything. "
    "Wind above force eight stops all lifting until the harbour master gives leave again."
)
BREAD = (
    "Sourdough bread rises slowly because wild yeast works at its own quiet pace. "
    "Bakers fold the sourdough several times so that the gluten becomes strong enough. "
    "A hot stone and steam in the oven give the sourdough loaf its crackling crust."
)
KOREAN = (
    "항만 크레인은 배에서 컨테이너를 들어 올려 기다리는 화물차에 내려놓는다. "
    "바람이 세게 불면 항만 책임자가 허락할 때까지 모든 하역 작업을 멈춘다."
)
SHELF = [
    entry("A", "Cranes of the harbour", abstract="", attachments=(attachment(CRANES),)),
    entry("B", "Sourdough baking at home", abstract="", attachments=(attachment(BREAD),)),
    entry("C", "항만 크레인의 하역 작업", abstract="", attachments=(attachment(KOREAN),)),
]


def embedding(embedder: StaticEmbedder) -> Embed:
    async def embed(texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
        return await asyncio.to_thread(embedder.embed, texts)

    return embed


async def scores(pool: Pool, questions: Sequence[Question], embedder: StaticEmbedder) -> list[Scores]:
    async with (
        pool.connection() as connection,
        aclosing(ask(connection, PROJECT, questions, embedder.model, embedding(embedder))) as answers,
    ):
        found = [answer async for answer in answers]
    return [answer[question.kind] for answer, question in zip(found, questions, strict=True)]


async def test_titles_and_sentences_are_drawn_and_found(
    pool: Pool, run_import: Importer, embedder: StaticEmbedder
) -> None:
    await run_import("one", SHELF, files=(CRANES, BREAD, KOREAN))
    async with pool.connection() as connection:
        before = await graph_hash(connection, PROJECT)
        questions = await drawing.draw(connection, PROJECT, each=4, seed=1)
        assert questions == await drawing.draw(connection, PROJECT, each=4, seed=1)
    kinds = {(question.kind, question.language) for question in questions}
    assert kinds == {("title", "en"), ("title", "ko"), ("sentence", "en"), ("sentence", "ko")}
    answers = dict(zip(questions, await scores(pool, questions, embedder), strict=True))
    assert all(found.recall_1 == 1 for question, found in answers.items() if question.kind == "title")
    assert all(found.recall_10 == 1 for question, found in answers.items() if question.kind == "sentence")
    async with pool.connection() as connection:
        assert await graph_hash(connection, PROJECT) == before


async def test_sentence_is_not_found_by_its_own_words(
    pool: Pool, run_import: Importer, embedder: StaticEmbedder
) -> None:
    """With its sentence taken out, a passage that speaks of something else is no longer the first."""
    odd = "Nobody expected the purple elephant parade through the silent marble museum yesterday."
    await run_import(
        "one",
        [
            entry("A", "Cranes of the harbour", abstract="", attachments=(attachment(f"{CRANES} {odd}"),)),
            entry("B", "Elephants", abstract="", attachments=(attachment("Purple elephants parade in a museum."),)),
        ],
        files=(f"{CRANES} {odd}", "Purple elephants parade in a museum."),
    )
    async with pool.connection() as connection:
        drawn = await drawing.draw(connection, PROJECT, each=10, seed=1)
    [question] = [question for question in drawn if question.text == odd]
    [found] = await scores(pool, [question], embedder)
    assert found.recall_1 == 0


async def test_given_questions_name_their_document(pool: Pool, run_import: Importer, embedder: StaticEmbedder) -> None:
    await run_import("one", SHELF, files=(CRANES, BREAD, KOREAN))
    given = drawing.read_given(
        b'{"question": "When does lifting stop?", "document": "cranes of the harbour", "quote": "force eight stops"}\n'
        b'{"question": "wild yeast", "document": "Sourdough baking at home"}\n'
        b'{"question": "wild yeast", "document": "Cranes of the harbour", "quote": "nowhere to be read"}\n'
    )
    async with pool.connection() as connection:
        questions = await drawing.place_given(connection, PROJECT, given)
    found = await scores(pool, questions, embedder)
    assert [answer.recall_10 for answer in found] == [1, 1, 0]
    assert found[1].mrr == 1


async def test_structure_and_cost_are_those_counted_by_hand(
    pool: Pool, run_import: Importer, embedder: StaticEmbedder, extractor: CValueExtractor
) -> None:
    await run_import("one", SHELF, files=(CRANES, BREAD, KOREAN))
    async with pool.connection() as connection:
        found = await structure.measure(connection, PROJECT, extractor.name)
        cursor = await connection.execute("select kind, source_id, target_id from edges")
        edges = await cursor.fetchall()
        spent = await cost.measure(connection, PROJECT, embedder.model)
    assert (found.documents, found.passages, found.edges) == (3, 3, len(edges))
    # All three were written by one author, and nothing else stands alone.
    assert (found.components, found.largest_share, found.orphans) == (1, 1.0, 0)
    assert found.mentions == sum(edge["kind"] == "MENTIONS" for edge in edges) > 0
    assert found.evidence == 1.0
    assert (spent.chunks, spent.texts) == (3, 3)
    assert spent.tokens == sum(-(-len(text.encode()) // 3) for text in (CRANES, BREAD, KOREAN))
    assert spent.bytes > 3 * 256 * 2


async def test_what_no_edge_joins_is_an_orphan(pool: Pool, run_import: Importer, extractor: CValueExtractor) -> None:
    lonely = entry("Z", "Left alone", abstract="", creators=())
    await run_import("one", [*SHELF, lonely], files=(CRANES, BREAD, KOREAN))
    async with pool.connection() as connection:
        found = await structure.measure(connection, PROJECT, extractor.name)
    assert (found.components, found.orphans) == (2, 1)
