"""Operations on imports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response, status
from fastapi.responses import JSONResponse, StreamingResponse

from api.imports import conditional, exporting, items, steering
from api.imports.conditional import POLL_AFTER_S
from api.imports.listing import Choice
from api.imports.schemas import (
    CancelRequest,
    Import,
    ImportAnswer,
    ImportList,
    ImportRequest,
    ItemPage,
    RetryRequest,
    Submitted,
    Validated,
)
from api.imports.steering import Action
from api.imports.submit import submit, validate
from api.names import ImportPath, ProjectName, ProjectPath, SourceKind
from api.security.principals import Caller
from api.services import Door
from workflows.contracts import TERMINAL, State

IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=255, description="The same request under the same key is made once.")
]

router = APIRouter(prefix="/v1", tags=["imports"])


@router.post(
    "/projects/{project}/imports",
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="submit_import",
    response_model=Submitted,
    responses={
        200: {"model": Submitted | Validated, "description": "Attached to an equal submission, or only checked."}
    },
)
async def submit_import(
    door: Door,
    project: ProjectPath,
    request: ImportRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    validate_only: Annotated[bool, Query(description="Check the request, and hand nothing over.")] = False,
) -> Submitted | Response:
    """Import a source from files that were uploaded as blobs."""
    if validate_only:
        return JSONResponse((await validate(door, project, request)).model_dump(mode="json"))
    submitted = await submit(door, project, request, idempotency_key)
    response.headers["Location"] = submitted.import_.links.self
    if submitted.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    if submitted.submission == "attached":
        response.status_code = status.HTTP_200_OK
    if submitted.import_.state not in TERMINAL:
        response.headers["Retry-After"] = POLL_AFTER_S
    return submitted


@router.get("/imports", operation_id="list_imports")
async def list_imports(
    door: Door,
    caller: Caller,
    project: Annotated[ProjectName | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    kind: Annotated[SourceKind | None, Query()] = None,
    page_size: Annotated[int, Query(ge=1, le=500)] = 200,
    page_token: Annotated[str | None, Query(max_length=1000)] = None,
) -> ImportList:
    """Imports of one project or of all that the caller may see: those under way, then the closed, the newest first."""
    choice = Choice(frozenset({project}) if project else caller.projects, state, kind)
    return await door.listing.page(choice, page_size, page_token)


@router.get("/projects/{project}/imports", operation_id="list_project_imports")
async def list_project_imports(
    door: Door,
    project: ProjectPath,
    state: Annotated[State | None, Query()] = None,
    kind: Annotated[SourceKind | None, Query()] = None,
    page_size: Annotated[int, Query(ge=1, le=500)] = 200,
    page_token: Annotated[str | None, Query(max_length=1000)] = None,
) -> ImportList:
    """Imports of one project: those under way first, then the closed ones, each the newest first."""
    return await door.listing.page(Choice(frozenset({project}), state, kind), page_size, page_token)


@router.get(
    "/projects/{project}/imports/{import_id}",
    operation_id="get_import",
    response_model=Import,
    responses={304: {"description": "It is still as the caller knows it."}},
)
async def get_import(
    door: Door,
    project: ProjectPath,
    import_id: ImportPath,
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
    wait: Annotated[float, Query(ge=0, le=60, description="Seconds to wait for a change.")] = 0,
) -> Response:
    """An import as it stands. With `wait`, the answer comes once it is another than the caller's ETag says, or now."""
    return await conditional.read(door, project, import_id, if_none_match, wait)


@router.get("/projects/{project}/imports/{import_id}/items", operation_id="list_items")
async def list_items(
    door: Door,
    project: ProjectPath,
    import_id: ImportPath,
    choice: items.Choice,
    page_size: Annotated[int, Query(ge=1, le=1000)] = 100,
    page_token: Annotated[str | None, Query(max_length=20)] = None,
) -> ItemPage:
    """Items in the order of the source, each with how it ended and the fate of its files."""
    return await items.page_of_items(door, project, import_id, choice, page_size, page_token)


@router.get(
    "/projects/{project}/imports/{import_id}/items.csv",
    operation_id="export_items_as_csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A line for each item."}},
)
async def export_items_as_csv(
    door: Door, project: ProjectPath, import_id: ImportPath, choice: items.Choice
) -> StreamingResponse:
    """All items as a table, for a spreadsheet."""
    return await exporting.as_csv(door, project, import_id, choice)


@router.get(
    "/projects/{project}/imports/{import_id}/items.jsonl",
    operation_id="export_items_as_json_lines",
    response_class=Response,
    responses={
        200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}, "description": "An item a line."}
    },
)
async def export_items_as_json_lines(
    door: Door, project: ProjectPath, import_id: ImportPath, choice: items.Choice
) -> StreamingResponse:
    """All items, one JSON object on each line."""
    return await exporting.as_json_lines(door, project, import_id, choice)


def _add_action(action: Action, summary: str) -> None:
    @router.post(
        f"/projects/{{project}}/imports/{{import_id}}:{action}",
        status_code=status.HTTP_202_ACCEPTED,
        operation_id=f"{action.replace('-', '_')}_import",
        summary=summary,
    )
    async def act(door: Door, project: ProjectPath, import_id: ImportPath, response: Response) -> ImportAnswer:
        return _accepted(response, await steering.steer(door, project, import_id, action))


_add_action("pause", "Start no new batch until resumed")
_add_action("resume", "Go on after a pause")
_add_action("approve", "Let the import do what its plan says")


@router.post(
    "/projects/{project}/imports/{import_id}:cancel",
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="cancel_import",
)
async def cancel_import(
    door: Door, project: ProjectPath, import_id: ImportPath, response: Response, request: CancelRequest | None = None
) -> ImportAnswer:
    """Stop, and keep what is committed; or, asked so, have it taken back by an import that follows."""
    undo = bool(request and request.undo)
    return _accepted(response, await steering.cancel(door, project, import_id, and_undo=undo))


@router.post(
    "/projects/{project}/imports/{import_id}:retry-failed",
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="retry_failed_import",
)
async def retry_failed_import(
    door: Door, project: ProjectPath, import_id: ImportPath, response: Response, request: RetryRequest | None = None
) -> ImportAnswer:
    """Try again what failed; on a closed import, as a new one, and then for some reasons only if so asked."""
    codes = request.codes if request else ()
    return _accepted(response, await steering.retry_failed(door, project, import_id, codes))


@router.post(
    "/projects/{project}/imports/{import_id}:undo",
    status_code=status.HTTP_202_ACCEPTED,
    operation_id="undo_import",
)
async def undo_import(door: Door, project: ProjectPath, import_id: ImportPath, response: Response) -> ImportAnswer:
    """Take back what a closed import did, by a new import; what a later one has changed since stays."""
    return _accepted(response, await steering.take_back(door, project, import_id))


def _accepted(response: Response, view: Import) -> ImportAnswer:
    response.headers["Location"] = view.links.self
    return ImportAnswer(import_=view)
