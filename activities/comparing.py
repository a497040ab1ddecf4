"""The steps of a comparison: spaces, questions, measures, and what is served in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

import structlog
from temporalio import activity

from activities.errors import translated
from activities.heartbeat import beating
from activities.questioning import Questioner
from longshore.blobs import BlobStore
from longshore.embedding.choosing import Embedders
from longshore.evaluation import cost, drawing, structure
from longshore.evaluation.language import Language
from longshore.evaluation.measures import Scores, estimates
from longshore.evaluation.questions import Question, Target
from longshore.evaluation.retrieval import ask
from longshore.extraction.base import Extractor
from longshore.graph import comparisons, promoting
from longshore.graph.db import Connection, Pool
from workflows.contracts import ClosingRecord
from workflows.contracts.comparisons import Board, Comparison, Drawn, Measured, OpenSpace, Promote, VariantRef

log = structlog.get_logger()


class ComparingActivities:
    def __init__(self, pool: Pool, blobs: BlobStore, extractor: Extractor, embedders: Embedders) -> None:
        self._pool = pool
        self._blobs = blobs
        self._extractor = extractor
        self._questioner = Questioner(pool, embedders)

    @activity.defn(name="open_comparison")
    async def open_comparison(self, comparison: Comparison) -> None:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    await comparisons.open_comparison(connection, comparison.model_dump(mode="json"))

    @activity.defn(name="open_space")
    async def open_space(self, request: OpenSpace) -> None:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    await comparisons.open_space(connection, request.ref.space, request.pipeline)

    @activity.defn(name="draw_questions")
    async def draw_questions(self, ref: VariantRef) -> Drawn:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    drawn = await comparisons.count_drawn(connection, ref.project, ref.comparison_id)
                    if drawn is None:
                        questions = await self._questions(connection, ref)
                        await comparisons.store_questions(connection, ref.project, ref.comparison_id, questions)
                        drawn = len(questions)
                return Drawn(questions=drawn)

    async def _questions(self, connection: Connection, ref: VariantRef) -> list[Question]:
        wanted = (await self._comparison(connection, ref)).questions
        found: list[Question] = []
        if wanted.given:
            given = drawing.read_given(await self._blobs.read(ref.project, wanted.given))
            found += await drawing.place_given(connection, ref.space, given)
        if wanted.each:
            found += await drawing.draw(connection, ref.space, wanted.each, wanted.seed)
        return found

    @activity.defn(name="measure_retrieval")
    async def measure_retrieval(self, ref: VariantRef) -> Measured:
        async with beating() as beat:
            with translated():
                async with self._pool.connection() as connection:
                    comparison = await self._comparison(connection, ref)
                    questions = await comparisons.read_questions(connection, ref.project, ref.comparison_id)
                    beat.total = len(questions)
                    model, embed = await self._questioner.embedding(connection, ref)
                    scores: list[dict[Target, Scores]] = []
                    async with aclosing(ask(connection, ref.space, questions, model, embed)) as answers:
                        async for answer in answers:
                            scores.append(answer)
                            beat.done += 1
                    measures = {"model": model, "groups": _grouped(questions, scores, comparison.questions.seed)}
                    await self._store(connection, ref, "retrieval", measures)
                return Measured(attempt=activity.info().attempt)

    @activity.defn(name="measure_structure")
    async def measure_structure(self, ref: VariantRef) -> Measured:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    found = await structure.measure(connection, ref.space, self._extractor.name)
                    await self._store(connection, ref, "structure", asdict(found))
                return Measured(attempt=activity.info().attempt)

    @activity.defn(name="measure_cost")
    async def measure_cost(self, ref: VariantRef) -> Measured:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    model, _ = await self._questioner.embedding(connection, ref)
                    found = asdict(await cost.measure(connection, ref.space, model))
                    spent = _spent(await comparisons.import_records(connection, ref.space))
                    await self._store(connection, ref, "cost", {**found, **spent})
                return Measured(attempt=activity.info().attempt)

    @activity.defn(name="close_comparison")
    async def close_comparison(self, board: Board) -> None:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    await comparisons.close_comparison(connection, board.model_dump(mode="json"))
        log.info("comparison closed", project=board.project, comparison=board.comparison_id, state=board.state)

    @activity.defn(name="promote_variant")
    async def promote_variant(self, request: Promote) -> None:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    await promoting.promote(connection, request.project, request.comparison_id, request.variant)
        log.info("variant promoted", project=request.project, comparison=request.comparison_id, variant=request.variant)

    async def _comparison(self, connection: Connection, ref: VariantRef) -> Comparison:
        row = await comparisons.find_comparison(connection, ref.project, ref.comparison_id)
        assert row is not None, "it was opened before any of its variants"
        return Comparison.model_validate(row.request)

    async def _store(self, connection: Connection, ref: VariantRef, step: str, measures: dict[str, Any]) -> None:
        await comparisons.store_measures(connection, ref.project, ref.comparison_id, ref.variant, step, measures)


def _grouped(
    questions: Sequence[Question], scores: Sequence[Mapping[Target, Scores]], seed: int
) -> list[dict[str, Any]]:
    """The measures of each kind of question in each language, apart from all others."""
    groups: defaultdict[tuple[Target, Language], list[Scores]] = defaultdict(list)
    for question, answers in zip(questions, scores, strict=True):
        for target, answer in answers.items():
            groups[target, question.language].append(answer)
    return [
        {
            "kind": kind,
            "language": language,
            "questions": len(group),
            "measures": {name: asdict(found) for name, found in estimates(group, seed).items()},
        }
        for (kind, language), group in sorted(groups.items())
    ]


def _spent(closed: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the imports of a space took together."""
    found = [ClosingRecord.model_validate(record) for record in closed]
    return {
        "seconds": round(sum((record.closed_at - record.started_at).total_seconds() for record in found), 1),
        "money": sum(float(getattr(record.progress, "cost", 0.0)) for record in found),
        "failed": found[-1].items.failed if found else 0,
    }
