"""Comparing ways to import a source, and serving the best."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response, status

from api.comparisons import finding, starting
from api.comparisons.schemas import Comparison, ComparisonList, ComparisonRequest, PromoteVariant, RetryVariant
from api.graph.known import require_project
from api.imports.conditional import POLL_AFTER_S
from api.names import ProjectPath
from api.problems import Problem
from api.services import Door, Services
from longshore.graph import comparisons
from workflows.contracts import TERMINAL, State
from workflows.contracts.comparisons import Board, Promote, Retry

router = APIRouter(prefix="/v1/projects/{project}/comparisons", tags=["comparisons"])

ComparisonPath = Annotated[str, Path(pattern=r"^[a-z0-9]{1,40}$", description="As the API gave it.")]


@router.post("", status_code=status.HTTP_202_ACCEPTED, operation_id="start_comparison")
async def start_comparison(
    door: Door, project: ProjectPath, request: ComparisonRequest, response: Response
) -> Comparison:
    """Import a source in several ways at once, each beside the project, and measure what comes of each."""
    asked = await starting.asked(door, project, request)
    await door.engine.comparisons.start(asked)
    view = await finding.find(door, project, asked.comparison_id)
    response.headers["Location"] = view.links.self
    response.headers["Retry-After"] = POLL_AFTER_S
    return view


@router.get("", operation_id="list_comparisons")
async def list_comparisons(door: Door, project: ProjectPath) -> ComparisonList:
    """The comparisons of a project, without their measures."""
    async with door.connection() as connection:
        await require_project(connection, project)
    return ComparisonList(comparisons=await finding.list_all(door, project))


@router.get("/{comparison}", operation_id="get_comparison")
async def get_comparison(door: Door, project: ProjectPath, comparison: ComparisonPath) -> Comparison:
    """A comparison: its variants with the steps of each, and the measures of those that are done."""
    return await finding.find(door, project, comparison)


@router.post("/{comparison}:pause", status_code=status.HTTP_202_ACCEPTED, operation_id="pause_comparison")
async def pause_comparison(door: Door, project: ProjectPath, comparison: ComparisonPath) -> Comparison:
    """Begin no further step, and pause the imports that run."""
    return await _tell(door, project, comparison, "pause", {"queued", "running", "paused"})


@router.post("/{comparison}:resume", status_code=status.HTTP_202_ACCEPTED, operation_id="resume_comparison")
async def resume_comparison(door: Door, project: ProjectPath, comparison: ComparisonPath) -> Comparison:
    """Let a paused comparison go on."""
    return await _tell(door, project, comparison, "resume", {"paused"})


@router.post("/{comparison}:cancel", status_code=status.HTTP_202_ACCEPTED, operation_id="cancel_comparison")
async def cancel_comparison(door: Door, project: ProjectPath, comparison: ComparisonPath) -> Comparison:
    """End what runs. Variants that are done stay, and can be promoted."""
    return await _tell(door, project, comparison, "cancel", {"queued", "running", "paused", "cancelling"})


@router.post("/{comparison}:retry", status_code=status.HTTP_202_ACCEPTED, operation_id="retry_variant")
async def retry_variant(
    door: Door, project: ProjectPath, comparison: ComparisonPath, request: RetryVariant
) -> Comparison:
    """Do one variant again, from one step on. Nothing of the others is done again."""
    asked, row = await finding.find_asked(door, project, comparison)
    view = await finding.find(door, project, comparison)
    found = next((variant for variant in view.variants if variant.name == request.variant), None)
    if found is None:
        raise _no_variant(view, request.variant)
    if view.live and found.state in ("queued", "running"):
        raise Problem(
            409, "state_conflict", f"Variant {found.name} is {found.state}.", "A variant can be retried once it ended."
        )
    if view.promoted:
        raise Problem(
            409, "state_conflict", f"Variant {view.promoted} of it was promoted.", "Compare again with a new one."
        )
    board = Board.model_validate(row.record) if row.record else None
    if board is None and view.state in TERMINAL:
        board = await finding.find_lost(door, row)
    await door.engine.comparisons.retry(asked, board, Retry(variant=request.variant, step=request.step))
    return await finding.find(door, project, comparison)


@router.post(
    "/{comparison}:promote",
    operation_id="promote_variant",
    responses={202: {"model": Comparison, "description": "It takes a while; `promoted` tells when it is done."}},
)
async def promote_variant(
    door: Door, project: ProjectPath, comparison: ComparisonPath, request: PromoteVariant, response: Response
) -> Comparison:
    """Let the project serve a variant from one moment to the next. Nothing is imported again."""
    view = await finding.find(door, project, comparison)
    if request.variant not in [variant.name for variant in view.variants]:
        raise _no_variant(view, request.variant)
    _require_closed(view.state, "promoted")
    done = await door.engine.comparisons.promote(
        Promote(project=project, comparison_id=comparison, variant=request.variant)
    )
    if not done:
        response.status_code = status.HTTP_202_ACCEPTED
    return await finding.find(door, project, comparison)


@router.delete("/{comparison}", status_code=status.HTTP_204_NO_CONTENT, operation_id="drop_comparison")
async def drop_comparison(door: Door, project: ProjectPath, comparison: ComparisonPath) -> None:
    """Forget a comparison, and collect what only its variants used. What the project serves stays."""
    view = await finding.find(door, project, comparison)
    _require_closed(view.state, "dropped")
    await drop(door, project, comparison)


async def drop(services: Services, project: str, comparison_id: str) -> None:
    async with services.connection() as connection:
        spaces = await comparisons.spaces_of(connection, project, comparison_id)
    for space in spaces:
        await services.engine.delete_project(space)
    async with services.connection() as connection:
        await comparisons.forget_comparison(connection, project, comparison_id)


async def _tell(
    services: Services,
    project: str,
    comparison_id: str,
    what: Literal["pause", "resume", "cancel"],
    allowed: set[State],
) -> Comparison:
    view = await finding.find(services, project, comparison_id)
    if view.state not in allowed or not await services.engine.comparisons.signal(project, comparison_id, what):
        raise Problem(409, "state_conflict", f"Comparison {comparison_id} is {view.state}, so {what} has no meaning.")
    return await finding.find(services, project, comparison_id)


def _require_closed(state: State, what: str) -> None:
    if state not in TERMINAL:
        raise Problem(409, "state_conflict", f"It is {state}, so nothing of it can be {what}.", "Wait, or cancel it.")


def _no_variant(view: Comparison, name: str) -> Problem:
    names = ", ".join(variant.name for variant in view.variants)
    return Problem(404, "variant_not_found", f"Comparison {view.id} has no variant {name}.", f"It has {names}.")
