"""Reading server-sent events over a real connection."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from api.__main__ import Server
from tests.api.scripted import Json


@dataclass
class Frame:
    event: str
    data: Json
    id: str | None
    retry: str | None


def address(server: Server) -> str:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}"


@asynccontextmanager
async def watching(server: Server, path: str, **params: str) -> AsyncIterator[AsyncIterator[Frame]]:
    async with (
        httpx2.AsyncClient(base_url=address(server), timeout=15) as http,
        http.stream("GET", path, params=params) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _frames(answer)


async def _frames(answer: httpx2.Response) -> AsyncIterator[Frame]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            yield Frame(fields["event"], json.loads(fields["data"]), fields.get("id"), fields.get("retry"))
            fields = {}
