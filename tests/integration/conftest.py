from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from longshore.dev.fake_provider import FakeProvider
from longshore.graph.db import Pool, migrate
from longshore.stack.namespace import ensure_namespace
from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer
from tests.integration.library import write_library
from tests.integration.pier import Pier
from tests.integration.receiver import Receiver
from tests.integration.voyage import Voyage

ITEMS = 112
_numbers = itertools.count()


@dataclass
class Engines:
    """Engines of these tests alone: they are killed."""

    postgres: PostgresServer
    temporal: TemporalServer
    client: Client
    temporal_home: Path


@pytest_asyncio.fixture(scope="module")
async def engines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engines]:
    postgres = PostgresServer(tmp_path_factory.mktemp("postgres"))
    temporal_home = tmp_path_factory.mktemp("temporal")
    temporal = TemporalServer(temporal_home)
    await postgres.start()
    await temporal.start()
    client = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
    await ensure_namespace(client)
    yield Engines(postgres, temporal, client, temporal_home)
    await temporal.stop()
    await postgres.stop()
    shutil.rmtree(postgres.folder)


@pytest_asyncio.fixture(scope="module")
async def make_voyage(
    engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[[], Awaitable[Voyage]]]:
    """Each voyage has a database and a folder of its own."""
    made: list[Voyage] = []

    async def make() -> Voyage:
        name = f"voyage_{next(_numbers)}"
        admin_url = engines.postgres.admin_url
        async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
            await admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        url = psycopg.conninfo.make_conninfo(admin_url, dbname=name)
        await migrate(url)
        voyage = Voyage(engines.client, engines.temporal.address, url, tmp_path_factory.mktemp(name))
        made.append(voyage)
        return voyage

    yield make
    for voyage in made:
        voyage.stop_workers()


@pytest_asyncio.fixture
async def voyage(make_voyage: Callable[[], Awaitable[Voyage]]) -> AsyncIterator[Voyage]:
    voyage = await make_voyage()
    yield voyage
    voyage.stop_workers()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    async with server:
        yield receiver


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as provider:
        yield provider


@pytest.fixture
def pier(client: Client, pool: Pool, database_url: str, tmp_path: Path) -> Pier:
    return Pier(client, pool, database_url, tmp_path)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_library(tmp_path_factory.mktemp("library") / "export", ITEMS)


@dataclass(frozen=True)
class Undisturbed:
    digests: dict[str, str]
    embedded_texts: int


@pytest_asyncio.fixture(scope="module")
async def undisturbed(make_voyage: Callable[[], Awaitable[Voyage]], library: Path) -> Undisturbed:
    """The library imported with nothing in its way: what every other import of it must equal."""
    voyage = await make_voyage()
    voyage.start_worker()
    record = await voyage.finish(await voyage.submit(library, "library"))
    voyage.stop_workers()
    assert record.state == "succeeded"
    assert record.items.added == ITEMS
    assert record.interruptions == 0
    return Undisturbed(await voyage.digests(), voyage.embedded_texts())
