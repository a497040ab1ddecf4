"""Event streams: how many one caller may hold, and their end when the key behind them ends."""

from __future__ import annotations

import asyncio
from collections import Counter

import psycopg
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from api.security.principals import Principal
from longshore.graph import api_keys

MOST = 2000
"""Streams of one caller in this process."""
CHECK_S = 60.0
_EXPIRED = b"event: auth_expired\ndata: {}\n\n"


class KeyEnded(OSError):
    """Tells a stream that nobody may listen any more; the server takes it for a client that has left."""


class Streams:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].endswith("/events"):
            await self._app(scope, receive, send)
            return
        caller: Principal = scope["state"]["caller"]
        name = caller.key_id or (scope["client"][0] if scope.get("client") else "")
        if self._held[name] >= MOST:
            raise Problem(
                429,
                "too_many_streams",
                f"{MOST} event streams are open already.",
                "Close some, or watch the project instead of each import.",
                headers={"Retry-After": "10"},
            )
        self._held[name] += 1
        try:
            await self._app(scope, receive, _Checked(scope["app"], caller, send) if caller.key_id else send)
        finally:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]


class _Checked:
    """Sends for as long as the caller's key is valid, which is looked at once a minute."""

    def __init__(self, app: FastAPI, caller: Principal, send: Send) -> None:
        self._app = app
        self._key_id = caller.key_id or ""
        self._send = send
        self._checked = asyncio.get_running_loop().time()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.body" and message.get("more_body") and not await self._valid():
            await self._send({"type": "http.response.body", "body": _EXPIRED, "more_body": False})
            raise KeyEnded("the API key behind this stream is no longer valid")
        await self._send(message)

    async def _valid(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._checked < CHECK_S:
            return True
        self._checked = now
        try:
            async with self._app.state.services.connection() as connection:
                key = await api_keys.find(connection, self._key_id)
        except psycopg.OperationalError:
            return True  # It was valid when last known, and the stream tells that the database is down.
        return key is not None and key.state == "active"
