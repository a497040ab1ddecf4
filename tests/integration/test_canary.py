"""Canaries: secrets made for this test, used in imports that succeed and that fail, and then looked for in everything
that is kept and everything that was told. They are only where their owner put them."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import Rule, Script
from longshore.graph import api_keys
from longshore.graph.db import open_pool
from tests.integration.conftest import Engines
from tests.integration.voyage import PROJECT, Voyage
from tests.sources.repositories import Server, Upstream, serving

TOLD_IN_TIME_S = 60.0


def forms(secret: str) -> Iterator[bytes]:
    """A secret as it could be found: as it is, and within base64, as in an Authorization header."""
    yield secret.encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret.encode())
        yield encoded[4 if offset else 0 : -4]


@dataclass
class Aviary:
    """The secrets, and what was told about the imports that used them."""

    git: str = field(default_factory=lambda: f"git-{secrets.token_hex(16)}")
    signing: str = field(default_factory=lambda: f"signing-{secrets.token_hex(16)}")
    embedding: str = field(default_factory=lambda: f"embedding-{secrets.token_hex(16)}")
    extraction: str = field(default_factory=lambda: f"extraction-{secrets.token_hex(16)}")
    api_key: str = ""
    told: dict[str, bytes] = field(default_factory=dict)

    @property
    def canaries(self) -> dict[str, str]:
        return {
            "git": self.git,
            "signing": self.signing,
            "embedding": self.embedding,
            "extraction": self.extraction,
            "API key": self.api_key.split("_")[-2],
        }

    def found_in(self, place: str, content: bytes) -> list[str]:
        return [
            f"{name} in {place}" for name, secret in self.canaries.items() if any(f in content for f in forms(secret))
        ]


@pytest.fixture
def aviary() -> Aviary:
    return Aviary()


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    upstream = Upstream.create(tmp_path / "upstream")
    upstream.put({"readme.md": "# Harbour handbook\n\nThe harbour keeps container cranes in working order.\n"})
    upstream.commit()
    return upstream


@pytest.fixture
def server(upstream: Upstream, aviary: Aviary) -> Iterator[Server]:
    with serving({"harbour.git": upstream.repo, "closed.git": upstream.repo}) as server:
        server.token = aviary.git
        server.answers["/closed.git/info/refs"] = "403 Forbidden"
        yield server


@pytest_asyncio.fixture
async def fake(aviary: Aviary) -> AsyncIterator[FakeProvider]:
    """A provider that asks for the keys."""
    async with FakeProvider(Script(keys=(aviary.embedding, aviary.extraction))) as provider:
        yield provider


@pytest_asyncio.fixture
async def door(
    voyage: Voyage, aviary: Aviary, server: Server, fake: FakeProvider, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[httpx2.AsyncClient]:
    """The API of a voyage, as a process of its own that demands keys; its worker runs too."""
    voyage.folder.mkdir(exist_ok=True)
    (voyage.folder / "credentials.toml").write_text(
        f'[harbour]\nurl = "http://127.0.0.1:{server.port}"\ntoken = "env:HARBOUR_TOKEN"\n'
    )
    mounted = tmp_path / "mounted"
    mounted.write_text(aviary.embedding)
    (voyage.folder / "providers.toml").write_text(
        f'[embedding.fake]\nkind = "openai"\nbase_url = "{fake.url}/v1"\nmodel = "m"\ndimensions = 256\n'
        f'secret = "file:{mounted}"\n'
        f'[extraction.fake]\nkind = "openai"\nbase_url = "{fake.url}/v1"\nmodel = "reader"\n'
        'secret = "env:READER_KEY"\n'
    )
    voyage.settings = {
        "HARBOUR_TOKEN": aviary.git,
        "READER_KEY": aviary.extraction,
        "LONGSHORE_SECRET_KEY": aviary.signing,
        "LONGSHORE_GIT_HOSTS": "127.0.0.1",
        "LONGSHORE_LOG_LEVEL": "debug",
        "LONGSHORE_REQUIRE_KEYS": "true",
        "LONGSHORE_PORT": str(unused_tcp_port),
        "LONGSHORE_HOME": str(voyage.folder),
        "LONGSHORE_DATABASE_URL": voyage.database_url,
        "TEMPORAL_ADDRESS": voyage.temporal_address,
    }
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        _, aviary.api_key = await api_keys.create(connection, "canary", "admin", None, None)
    await pool.close()
    voyage.start_worker()
    headers = {"Authorization": f"Bearer {aviary.api_key}"}
    with (
        (voyage.folder / "api.log").open("wb") as log,
        subprocess.Popen([sys.executable, "-m", "api"], env={**os.environ, **voyage.settings}, stderr=log) as api,
    ):
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{unused_tcp_port}", headers=headers, timeout=30
        ) as http:
            async with asyncio.timeout(30):
                while not await answers(http):
                    await asyncio.sleep(0.05)
            yield http
        api.terminate()


async def answers(http: httpx2.AsyncClient) -> bool:
    try:
        return (await http.get("/healthz")).status_code == 200
    except httpx2.TransportError:
        return False


async def imported(
    http: httpx2.AsyncClient, aviary: Aviary, source: dict[str, str], *, cancel: str = "", **options: str
) -> str:
    """The state that an import ended in, with everything kept that was told of it.

    Args:
        cancel: Cancel it once it waits for this reason.
    """
    submitted = await http.post(f"/v1/projects/{PROJECT}/imports", json={"source": source, "options": options})
    assert submitted.status_code == 202, submitted.text
    address = submitted.json()["import"]["links"]["self"]
    if cancel:
        async with asyncio.timeout(TOLD_IN_TIME_S):
            while ((waiting := await http.get(address)).json()["reason"] or {}).get("code") != cancel:
                await asyncio.sleep(0.1)
        aviary.told[f"{address} waiting"] = waiting.content
        assert (await http.post(f"{address}:cancel")).status_code == 202
    events = await asyncio.wait_for(http.get(f"{address}/events"), TOLD_IN_TIME_S)
    view = await http.get(address)
    for answer in (submitted, events, view, await http.get(f"{address}/items"), await http.get("/v1/imports")):
        aviary.told[f"{answer.request.url.path} {len(aviary.told)}"] = answer.content + str(answer.headers).encode()
    state: str = view.json()["state"]
    return state


async def kept_in_postgres(url: str) -> AsyncIterator[tuple[str, bytes]]:
    """Every table as text; what is compressed in the files is not here."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        tables = await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in await tables.fetchall():
            copy = sql.SQL("copy {} to stdout").format(sql.Identifier(table))
            async with connection.cursor().copy(copy) as rows:
                yield f"table {table}", b"".join([bytes(row) async for row in rows])


async def kept_in_temporal(voyage: Voyage) -> AsyncIterator[tuple[str, bytes]]:
    """Every history, memo and search attribute."""
    async for run in voyage.client.list_workflows():
        handle = voyage.client.get_workflow_handle(run.id, run_id=run.run_id)
        history = await handle.fetch_history()
        described = (await handle.describe()).raw_description.SerializeToString()
        yield f"history {run.id}", b"".join([described, *(event.SerializeToString() for event in history.events)])


def kept_in_files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                with suppress(FileNotFoundError):  # Postgres takes its temporary ones away again
                    yield f"file {path.relative_to(folder)}", path.read_bytes()


def test_a_canary_that_is_there_is_found(aviary: Aviary) -> None:
    aviary.api_key = "ls_id_secret_sum"
    header = base64.b64encode(f"x-access-token:{aviary.git}".encode())

    assert aviary.found_in("a log", f"GET /?token={aviary.signing}".encode()) == ["signing in a log"]
    assert aviary.found_in("a header", b"Basic " + header) == ["git in a header"]
    assert aviary.found_in("nothing", b"harbour") == []


async def test_secrets_are_found_nowhere(
    engines: Engines,
    voyage: Voyage,
    aviary: Aviary,
    server: Server,
    upstream: Upstream,
    fake: FakeProvider,
    door: httpx2.AsyncClient,
) -> None:
    harbour, closed = (
        {"kind": "git", "url": server.url(name), "credential": "harbour"} for name in ("harbour.git", "closed.git")
    )
    assert await imported(door, aviary, harbour, embedder="fake", extractor="fake") == "succeeded"
    assert await imported(door, aviary, closed) == "failed"
    assert {call.protocol for call in fake.calls if call.status == 200} == {"chat", "openai"}
    upstream.put({"tides.md": "# Tides\n\nTidal engines measure the water level.\n"})
    upstream.commit()
    echo = {"error": {"message": f"Incorrect API key provided: {aviary.extraction} {aviary.embedding}"}}
    fake.follow(Script(rules=(Rule(do="refuse", status=401, body=echo, headers={"X-Key": aviary.extraction}),)))
    assert await imported(door, aviary, harbour, cancel="operator_action") == "cancelled"
    session = await door.post("/v1/session", json={"key": aviary.api_key})
    with_token = await door.post(
        f"/v1/projects/{PROJECT}/imports",
        json={"source": {"kind": "git", "url": f"https://user:{aviary.git}@example.org/o/r"}},
    )
    assert (session.status_code, with_token.status_code) == (200, 422)
    aviary.told.update({"session": session.content, "refusal": with_token.content})
    for path in ("/metrics", "/v1/system/status", "/v1/providers", f"/v1/projects/{PROJECT}/graph/export"):
        aviary.told[path] = (await door.get(path)).content
    voyage.stop_workers()

    places = [*aviary.told.items(), *kept_in_files(voyage.folder, engines.postgres.folder, engines.temporal_home)]
    places += [place async for place in kept_in_postgres(voyage.database_url)]
    places += [place async for place in kept_in_temporal(voyage)]

    assert [leak for name, content in places for leak in aviary.found_in(name, content)] == []
    names = {name.split()[0] for name, _ in places}
    assert {"file", "table", "history"} <= names
    assert any(b"voyages" in content for name, content in places if name == "file api.log"), "logs were read"
    assert any(b"container cranes" in content for name, content in places if name == "table chunks"), "so were texts"
    assert any(b"harbour" in content for name, content in places if name.startswith("history import/")), "and histories"
