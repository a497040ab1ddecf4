"""The API with its guards: one that demands keys, one on loopback that does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.app import create_app
from longshore.graph import api_keys
from longshore.graph.api_keys import Scope
from longshore.graph.db import Pool, open_pool
from longshore.settings import Settings
from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer

ADDRESS = "http://127.0.0.1:8000"


@dataclass
class Gate:
    """An API and what a test needs to come to it as somebody."""

    app: FastAPI
    http: httpx2.AsyncClient
    pool: Pool

    async def key(
        self,
        scope: Scope = "read",
        *,
        projects: list[str] | None = None,
        expired: bool = False,
        revoked: bool = False,
    ) -> str:
        expires_at = datetime.now(UTC) - timedelta(seconds=1) if expired else None
        async with self.pool.connection() as connection:
            made, key = await api_keys.create(connection, "test", scope, projects, expires_at)
            if revoked:
                await api_keys.revoke(connection, made.key_id)
        return key

    def at(self, address: str) -> Gate:
        """The same API, as it is for a client with another address."""
        transport = httpx2.ASGITransport(app=self.app, client=(address, 1))
        return replace(self, http=httpx2.AsyncClient(transport=transport, base_url=ADDRESS))

    async def ask(self, method: str, path: str, key: str | None = None, **request: Any) -> httpx2.Response:
        headers = {**request.pop("headers", {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        return await self.http.request(method, path, headers=headers, **request)


@asynccontextmanager
async def gate(pool: Pool, **settings: Any) -> AsyncIterator[Gate]:
    app = create_app(Settings(**settings))
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as http,
    ):
        yield Gate(app, http, pool)


@pytest_asyncio.fixture(scope="session")
async def gate_url(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """One database for all these tests."""
    async with await psycopg.AsyncConnection.connect(postgres.admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("create database gate template {}").format(sql.Identifier(template)))
        yield make_conninfo(postgres.admin_url, dbname="gate")
        await admin.execute("drop database gate with (force)")


@pytest_asyncio.fixture(scope="session")
async def gate_pool(gate_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(gate_url)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def served(gate_url: str, temporal: TemporalServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Settings of an API on the engines of the session."""
    home: Path = tmp_path_factory.mktemp("gate")
    return {"home": home, "database_url": gate_url, "temporal_address": temporal.address}


@pytest_asyncio.fixture(scope="session")
async def guarded(served: dict[str, Any], gate_pool: Pool) -> AsyncIterator[Gate]:
    async with gate(gate_pool, public_url=ADDRESS, **served) as ready:
        yield ready


@pytest_asyncio.fixture(scope="session")
async def local(served: dict[str, Any], gate_pool: Pool) -> AsyncIterator[Gate]:
    async with gate(gate_pool, cors_origins="https://reading-room.example", **served) as ready:
        yield ready
