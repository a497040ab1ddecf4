"""A comparison as it stands: what its workflow answers, and what the store has of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.comparisons.schemas import Comparison, ComparisonLinks, Measures, Variant, VariantRequest
from api.problems import Problem
from api.reaching import EngineUnavailable
from api.services import Services
from longshore.graph import comparisons
from longshore.graph.comparisons import ComparisonRow
from workflows.contracts import TERMINAL, Reason, State
from workflows.contracts.comparisons import ENDED, STEPS, Board, StepBoard, VariantBoard, VariantState
from workflows.contracts.comparisons import Comparison as Asked
from workflows.contracts.comparisons import Variant as AskedVariant

LISTED = 100
_WITHOUT_BOARD: Mapping[State, VariantState] = {"queued": "queued", "failed": "failed"}


async def find(services: Services, project: str, comparison_id: str) -> Comparison:
    """Raises:
    Problem: 404 `comparison_not_found`.
    """
    async with services.connection() as connection:
        row = await comparisons.find_comparison(connection, project, comparison_id)
        measures = await comparisons.read_measures(connection, project, comparison_id)
    if row is None:
        asked = await services.engine.comparisons.running(project, comparison_id)
        if asked is None:
            raise _not_found(project, comparison_id)
        return _view(asked, None, {}, state="queued", created_at=asked.submission.submitted_at)
    if row.record and await _is_taken_up_again(services, row):
        row = replace(row, record=None, outcome=None, closed_at=None)
    return await _of_row(services, row, measures)


async def _is_taken_up_again(services: Services, row: ComparisonRow) -> bool:
    """Whether a run has begun that the store does not know of yet."""
    try:
        return await services.engine.comparisons.running(row.project, row.comparison_id) is not None
    except EngineUnavailable:
        return False


async def list_all(services: Services, project: str) -> list[Comparison]:
    """The newest first, without the measures of its variants."""
    async with services.connection() as connection:
        rows = await comparisons.list_comparisons(connection, project, LISTED)
    return list(await asyncio.gather(*(_of_row(services, row, {}) for row in rows)))


async def find_asked(services: Services, project: str, comparison_id: str) -> tuple[Asked, ComparisonRow]:
    """What was asked for, of a comparison that has begun.

    Raises:
        Problem: 404 `comparison_not_found`.
    """
    async with services.connection() as connection:
        row = await comparisons.find_comparison(connection, project, comparison_id)
    if row is None:
        raise _not_found(project, comparison_id)
    return Asked.model_validate(row.request), row


async def _of_row(services: Services, row: ComparisonRow, measures: Mapping[str, Mapping[str, Any]]) -> Comparison:
    asked = Asked.model_validate(row.request)
    live = True
    board: Board | None = None
    state: State = "running"
    if row.record:
        board = Board.model_validate(row.record)
    else:
        try:
            board = await services.engine.comparisons.board(row.project, row.comparison_id)
            if board is None and await services.engine.comparisons.running(row.project, row.comparison_id) is None:
                if closed := await _closed_by_now(services, row):
                    return await _of_row(services, closed, measures)
                state, board = "failed", await find_lost(services, row)
        except EngineUnavailable:
            board = None
        live = board is not None
    view = _view(asked, board, measures, state=state, created_at=row.opened_at)
    if row.outcome is None and board and board.state not in TERMINAL:
        await _add_progress(services, view, board)
    return view.model_copy(
        update={
            "live": live,
            "questions": row.questions,
            "promoted": row.promoted,
            "closed_at": row.closed_at,
        }
    )


async def _closed_by_now(services: Services, row: ComparisonRow) -> ComparisonRow | None:
    async with services.connection() as connection:
        found = await comparisons.find_comparison(connection, row.project, row.comparison_id)
    return found if found and found.record else None


async def find_lost(services: Services, row: ComparisonRow) -> Board | None:
    """Where a comparison stood whose run was ended from outside; None where nobody knows."""
    board = await services.engine.comparisons.last_board(row.project, row.comparison_id)
    if board is None:
        return None
    return board.model_copy(update={"state": "failed", "fraction": 1.0, "variants": tuple(map(_end, board.variants))})


def _end(variant: VariantBoard) -> VariantBoard:
    """A variant that nobody goes on with: it failed at the step that it had come to."""
    if variant.state in ENDED:
        return variant
    at = next(step.name for step in variant.steps if step.state != "done")
    lost = {"state": "failed", "reason": Reason(code="terminated", message="The comparison was ended from outside.")}
    steps = tuple(step.model_copy(update=lost) if step.name == at else step for step in variant.steps)
    return variant.model_copy(update={"state": "failed", "steps": steps})


async def _add_progress(services: Services, view: Comparison, board: Board) -> None:
    async def of(variant: Variant, known: VariantBoard) -> None:
        if known.steps[0].state == "running":
            progress = await services.engine.progress(known.space, view.source)
            variant.progress = progress.fraction if progress else None

    await asyncio.gather(*(of(*pair) for pair in zip(view.variants, board.variants, strict=True)))


def _view(
    asked: Asked, board: Board | None, measures: Mapping[str, Mapping[str, Any]], *, state: State, created_at: Any
) -> Comparison:
    known = {variant.name: variant for variant in board.variants} if board else {}
    variants = []
    for variant in asked.variants:
        found = known.get(variant.name)
        have = measures.get(variant.name, {})
        steps = list(found.steps) if found else _from_measures(have)
        variants.append(
            Variant(
                name=variant.name,
                settings=_settings(variant),
                state=found.state if found else _WITHOUT_BOARD.get(state, "running"),
                steps=steps,
                measures=Measures.model_validate(
                    {step.name: have[step.name] for step in steps if step.state == "done" and step.name in have}
                ),
            )
        )
    return Comparison(
        project=asked.project,
        id=asked.comparison_id,
        source=asked.submission.source_key,
        name=asked.submission.name,
        state=board.state if board else state,
        fraction=board.fraction if board else 1.0 if state == "failed" else 0.0,
        questions=0,
        variants=variants,
        created_at=created_at,
        links=ComparisonLinks(self=f"/v1/projects/{asked.project}/comparisons/{asked.comparison_id}"),
    )


def _settings(asked: AskedVariant) -> VariantRequest:
    return VariantRequest(name=asked.name, embedder=asked.embedder, extractor=asked.extractor, **asked.pipeline)


def _from_measures(have: Mapping[str, Any]) -> list[StepBoard]:
    """What can be told without a worker: a step with measures is done, and so is what comes before it."""
    done = [number for number, step in enumerate(STEPS) if step in have]
    last = max(done, default=-1)
    return [StepBoard(name=step, state="done" if number <= last else "pending") for number, step in enumerate(STEPS)]


def _not_found(project: str, comparison_id: str) -> Problem:
    return Problem(
        404,
        "comparison_not_found",
        f"Project {project} has no comparison {comparison_id}.",
        "`longshore compare list` lists those of a project.",
    )
