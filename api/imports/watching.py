"""Streams of events: of one import, of a project, of all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Response, status

from api.imports import board, events
from api.imports.events import Watch
from api.imports.streams import EventStream
from api.names import ImportPath, ProjectPath
from api.security.principals import Caller
from api.services import Door

router = APIRouter(prefix="/v1", tags=["events"])

Until = Annotated[
    Literal["snapshot"] | None, Query(description="`snapshot` ends the stream after its first event.", alias="until")
]
_STREAM: dict[int | str, dict[str, object]] = {200: {"description": "Server-sent events."}}


async def _watch(door: Door, project: ProjectPath, import_id: ImportPath) -> AsyncIterator[Watch]:
    async with door.hub.watch(project, import_id) as watch:
        yield watch


async def _board(door: Door) -> AsyncIterator[board.Board]:
    async with door.board.watch():
        yield door.board


@router.get(
    "/projects/{project}/imports/{import_id}/events",
    response_class=EventStream,
    operation_id="watch_import",
    responses={
        **_STREAM,
        204: {"description": "The import has closed, and its end is known already."},
    },
)
async def watch_import(
    watch: Annotated[Watch, Depends(_watch)],
    until: Until = None,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> Response:
    """`snapshot`, then `progress` at each change, `heartbeat` every ten quiet seconds, and `done`.

    The data of all but `heartbeat` is the import. Who comes back with the id of the last event is told 204 if there is
    nothing more to come, and else the newest state.
    """
    if watch.closed() and last_event_id == watch.latest.tag:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    return EventStream(events.frames(watch, only_snapshot=until is not None))


@router.get("/projects/{project}/events", response_class=EventStream, operation_id="watch_project", responses=_STREAM)
async def watch_project(
    shared: Annotated[board.Board, Depends(_board)], project: ProjectPath, until: Until = None
) -> EventStream:
    """The imports of a project as they change.

    `snapshot` is the first page of the list; it comes again when something has gone from the list. Then `import` for
    each import that has changed, and `heartbeat` every ten quiet seconds.
    """
    return await _stream(shared, frozenset({project}), until)


@router.get("/events", response_class=EventStream, operation_id="watch_imports", responses=_STREAM)
async def watch_imports(
    shared: Annotated[board.Board, Depends(_board)], caller: Caller, until: Until = None
) -> EventStream:
    """The imports of all projects that the caller may see as they change, as for one project."""
    return await _stream(shared, caller.projects, until)


async def _stream(shared: board.Board, projects: frozenset[str] | None, until: Until) -> EventStream:
    first = await shared.snapshot(projects)
    return EventStream(board.frames(shared, projects, first, only_snapshot=until is not None))
