"""A project to take away, streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Message, Send

from api.graph.known import require_project
from api.names import ProjectPath
from api.problems import Problem
from api.services import Door
from longshore.graph.exporting.formats import FORMATS, FormatName, begin_snapshot, export

router = APIRouter()

_PATIENCE_S = 4
_STALL_S = 60.0
"""How long a piece may wait for a reader who takes nothing; as long as the database keeps the snapshot."""

Chosen = Annotated[
    FormatName,
    Query(
        alias="format",
        description="`graphml`: documents, nodes and edges. `csl-json`: the bibliography. "
        "`jsonl`: everything, with passages and provenance.",
    ),
]


class _Download(StreamingResponse):
    """Lets go of a reader who has stopped reading, for whom a connection is held."""

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(_STALL_S):
                await send(message)

        try:
            await super().stream_response(send_in_time)
        except TimeoutError as error:
            raise ClientDisconnect from error


@asynccontextmanager
async def _turn(exports: asyncio.Semaphore) -> AsyncIterator[None]:
    """Raises:
    Problem: 503 `too_many_exports`.
    """
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await exports.acquire()
    except TimeoutError as error:
        raise Problem(
            503, "too_many_exports", "As many exports as may be are under way.", "Try again when one is done."
        ) from error
    try:
        yield
    finally:
        exports.release()


async def _pieces(door: Door, project: ProjectPath, name: Chosen) -> AsyncIterator[AsyncIterator[bytes]]:
    """They hold a connection, which FastAPI gives back when the answer is sent or its reader has left."""
    async with _turn(door.exports), door.connection() as connection:
        await begin_snapshot(connection)
        await require_project(connection, project)
        async with aclosing(export(connection, project, name)) as pieces:
            yield pieces


@router.get(
    "/graph/export",
    operation_id="export_graph",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The export, as a file.",
            "content": {
                each.media_type: {"schema": {"type": "array" if name == "csl-json" else "string"}}
                for name, each in FORMATS.items()
            },
        }
    },
)
async def export_graph(
    project: ProjectPath, name: Chosen, pieces: Annotated[AsyncIterator[bytes], Depends(_pieces)]
) -> StreamingResponse:
    """The project as it is at this moment. An answer that breaks off is not whole."""
    chosen = FORMATS[name]
    headers = {"Content-Disposition": f'attachment; filename="{project}.{chosen.extension}"'}
    return _Download(pieces, headers=headers, media_type=chosen.media_type)
