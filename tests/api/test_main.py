"""The process: how it starts, what it says when it cannot, how it stops."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import psycopg
from psycopg.conninfo import make_conninfo

from tests.api.door import eventually


@asynccontextmanager
async def process(home: Path, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LONGSHORE", "TEMPORAL"))}
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "api",
        env={**inherited, "LONGSHORE_HOME": str(home), **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def complaint(home: Path, **environment: str) -> tuple[int, dict[str, str]]:
    """Exit code and the one line that says why."""
    async with asyncio.timeout(20), process(home, **environment) as refused:
        _, said = await refused.communicate()
    lines = [json.loads(line) for line in said.decode().splitlines()]
    [why] = [line for line in lines if line["event"] == "cannot start"]
    return refused.returncode or 0, why


async def test_it_migrates_serves_without_temporal_and_stops_on_sigterm(
    database_url: str, tmp_path: Path, unused_tcp_port_factory: object
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("create schema fresh")
    fresh = make_conninfo(database_url, options="-csearch_path=fresh,public")
    port, temporal = unused_tcp_port_factory(), unused_tcp_port_factory()  # type: ignore[operator]

    async with (
        asyncio.timeout(30),
        process(
            tmp_path,
            LONGSHORE_DATABASE_URL=fresh,
            LONGSHORE_PORT=str(port),
            TEMPORAL_ADDRESS=f"127.0.0.1:{temporal}",
        ) as running,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):

        async def imports() -> dict[str, object] | None:
            try:
                answer = await http.get("/v1/imports")
            except httpx2.TransportError:
                return None
            found: dict[str, object] = answer.json()
            return found

        assert await eventually(imports) == {"imports": [], "next_page_token": None}
        running.terminate()
        assert await running.wait() == 0
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute("select to_regclass('fresh.imports')::text")
        assert await cursor.fetchone() == ("fresh.imports",)


async def test_it_says_in_a_sentence_why_it_cannot_start(tmp_path: Path, unused_tcp_port: int) -> None:
    absent = f"postgresql://longshore@127.0.0.1:{unused_tcp_port}/longshore"

    code, why = await complaint(tmp_path)
    unreachable, reason = await complaint(tmp_path, LONGSHORE_DATABASE_URL=absent)

    assert (code, why["code"]) == (1, "no_database")
    assert (unreachable, reason["code"]) == (1, "database_unreachable")
    assert "Connection refused" in reason["reason"]
