"""How large a body may be, and how long it may take: a request is small and read at once, an upload is streamed."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from api.security.origins import DECODING

REQUEST_BYTES = 1_000_000
MATCH_BYTES = 8_000_000
"""Of the keys of 20,000 items."""
CODED_BYTES = 8_000_000
"""Of a payload of Temporal, which has two megabytes at most, or of several smaller ones."""
REQUEST_S = 20.0
SILENCE_S = 30.0
"""Between two pieces of an upload."""
SLOWEST = 4_096
"""Bytes a second that an upload must reach once it has had its first minute."""
_FIRST_S = 60.0


class Bodies:
    """ASGI middleware.

    Args:
        upload_bytes: The most that one uploaded file may have.
    """

    def __init__(self, app: ASGIApp, upload_bytes: int) -> None:
        self._app = app
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "content-length" not in headers and "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        upload = scope["method"] == "PUT" and "/blobs/" in scope["path"]
        most = self._upload_bytes if upload else _most(scope["path"])
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > most:
            raise _too_large(most)
        if upload:
            await self._app(scope, _Upload(receive, most), send)
        else:
            await self._app(scope, _Replay(await _whole(receive, most), receive), send)


def _most(path: str) -> int:
    if path.startswith(DECODING):
        return CODED_BYTES
    return MATCH_BYTES if path.endswith(":match") else REQUEST_BYTES


async def _whole(receive: Receive, most: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(REQUEST_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > most:
                    raise _too_large(most)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise _too_slow() from None


class _Replay:
    """A body that has been read, and then what comes after it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class _Upload:
    """A body that is counted and timed while it passes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0
        self._over = False
        self._began = asyncio.get_running_loop().time()

    async def __call__(self) -> Message:
        if self._over:
            return await self._receive()
        try:
            async with asyncio.timeout(SILENCE_S):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        self._size += len(message.get("body", b""))
        self._over = not message.get("more_body", False)
        if self._size > self._most:
            raise _too_large(self._most)
        passed = asyncio.get_running_loop().time() - self._began
        if not self._over and passed > _FIRST_S + self._size / SLOWEST:
            raise _too_slow()
        return message


def _too_large(most: int) -> Problem:
    return Problem(
        413,
        "body_too_large",
        f"The body is larger than the {most:,} bytes that are taken here.",
        "LONGSHORE_MAX_UPLOAD_BYTES is the limit for one uploaded file.",
    )


def _too_slow() -> Problem:
    return Problem(
        408, "body_too_slow", "The body did not arrive in time.", "Send it again.", headers={"Connection": "close"}
    )
