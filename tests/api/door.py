"""The API, as a caller meets it."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from api.app import create_app
from longshore.graph.db import Pool
from longshore.settings import Settings
from tests.api.scripted import Json

_numbers = itertools.count()


@dataclass
class Door:
    """The API's client, with what tests do with it again and again."""

    http: httpx2.AsyncClient
    settings: Settings
    pool: Pool
    project: str

    async def upload(self, text: str) -> str:
        """A manifest of one file with this text; its digest."""
        sha256 = await self.put(text.encode())
        line = {"path": "library.rdf", "sha256": sha256, "size": len(text.encode())}
        return await self.put(json.dumps(line).encode())

    async def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        answer = await self.http.put(f"/v1/projects/{self.project}/blobs/{sha256}", content=data)
        assert answer.status_code == 201, answer.text
        return sha256

    async def submit(self, text: str, name: str, headers: dict[str, str] | None = None, **body: Any) -> httpx2.Response:
        return await self.hand_over(name, await self.upload(text), headers, **body)

    async def hand_over(
        self, name: str, manifest: str, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx2.Response:
        source = {"kind": "zotero", "name": name, "manifest": manifest}
        return await self.http.post(
            f"/v1/projects/{self.project}/imports", json={"source": source, **body}, headers=headers or {}
        )

    async def begin(self, name: str, text: str = "cargo") -> Json:
        answer = await self.submit(text, name)
        assert answer.json()["submission"] == "started", answer.text
        begun: Json = answer.json()["import"]
        return begun

    async def get(self, path: str, status: int = 200, **params: Any) -> Json:
        answer = await self.http.get(path, params=params)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def view(self, begun: Json) -> Json:
        return await self.get(begun["links"]["self"])

    async def until(self, begun: Json, holds: Callable[[Json], bool]) -> Json:
        """The import once the condition holds."""

        async def look() -> Json | None:
            view = await self.view(begun)
            return view if holds(view) else None

        return await eventually(look)


async def eventually(look: Callable[[], Awaitable[Json | None]], within_s: float = 15) -> Json:
    async with asyncio.timeout(within_s):
        while not (found := await look()):
            await asyncio.sleep(0.05)
    return found


@asynccontextmanager
async def opened(database_url: str, temporal_address: str, home: Path, pool: Pool) -> AsyncIterator[Door]:
    settings = Settings(
        home=home, database_url=database_url, temporal_address=temporal_address, temporal_ui="http://localhost:8233"
    )
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://longshore") as http,
    ):
        yield Door(http, settings, pool, f"harbour-{next(_numbers)}")
