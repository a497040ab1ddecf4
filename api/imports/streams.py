"""Server-sent events as bytes that are made once and sent to many."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Send

from api.imports.schemas import Heartbeat

HEARTBEAT_S = 10.0
STALL_S = 60.0
"""How long a frame may wait for a reader that takes nothing."""
_RECONNECT_MS = (2000, 4000)
"""Each watcher is given its own time to come back, so that a restart is not followed by all of them at once."""
_log = structlog.get_logger()


class EventStream(StreamingResponse):
    """A stream that lets go of a reader who has stopped reading.

    Until then such a reader costs the buffers of its connection and no more: nothing is queued for it.
    """

    media_type = "text/event-stream"

    def init_headers(self, headers: object = None) -> None:
        super().init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for frame in self.body_iterator:
            try:
                async with asyncio.timeout(STALL_S):
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
            except TimeoutError:
                _log.info("watcher_stalled", seconds=STALL_S)
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def frame(event: str, data: bytes, tag: str | None = None) -> bytes:
    """One event; `data` is JSON on a single line, `tag` becomes its id."""
    name = f"id: {tag}\nevent: {event}\ndata: " if tag else f"event: {event}\ndata: "
    return name.encode() + data + b"\n\n"


def opening() -> bytes:
    """What stands before a stream's first event."""
    return f"retry: {random.randint(*_RECONNECT_MS)}\n".encode()


def heartbeat() -> bytes:
    return frame("heartbeat", Heartbeat(server_time=datetime.now(UTC)).model_dump_json().encode())
