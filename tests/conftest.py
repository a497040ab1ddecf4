"""The engines that the tests run on: one real Postgres and one real Temporal dev server for the whole session."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from hypothesis import settings
from psycopg import sql
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from longshore.graph.db import Pool, migrate, open_pool
from longshore.stack.namespace import ensure_namespace
from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer

_numbers = itertools.count()

# A test may be slow because the machine is busy.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Iterator[None]:
    """Leave without the interpreter's own exit, which the SDK's runtime can abort on 3.11 and 3.12 (sdk-python 300).

    Workers are left to their controller, which hears of their results before they exit.
    """
    code = yield
    if not config.getoption("--collect-only") and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stdout.flush()
        os._exit(int(code))  # type: ignore[call-overload]
    return code


SLOWEST = {"faults", "integration", "web"}
SLOW = {"activities", "security", "stack", "workflows"}
"""Folders whose tests start programs of their own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no process is left with it when all others have nothing more to do."""
    tests = Path(__file__).parent

    def place(item: pytest.Item) -> tuple[int, str]:
        folder = item.path.relative_to(tests).parts[0]
        # Those of a folder burden the same things: browsers, engines. Between others they do not meet.
        return (0, item.path.name) if folder in SLOWEST else (1 if folder in SLOW else 2, "")

    items.sort(key=place)


@pytest_asyncio.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(server.folder)


@pytest_asyncio.fixture(scope="session")
async def template(postgres: PostgresServer) -> str:
    """A migrated database that others are copied from, which is much faster than migrating each."""
    name = "migrated"
    async with await psycopg.AsyncConnection.connect(postgres.admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    await migrate(_database_url(postgres, name))
    return name


@pytest_asyncio.fixture
async def database_url(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """An empty, migrated database of the test's own."""
    name = sql.Identifier(f"test_{next(_numbers)}")
    async with await psycopg.AsyncConnection.connect(postgres.admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("create database {} template {}").format(name, sql.Identifier(template)))
        yield _database_url(postgres, name.as_string(admin).strip('"'))
        await admin.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TemporalServer]:
    server = TemporalServer(tmp_path_factory.mktemp("temporal"))
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session")
async def client(temporal: TemporalServer) -> Client:
    connected = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
    await ensure_namespace(connected)
    return connected


@pytest.fixture(scope="session")
def examples() -> Path:
    return Path(__file__).parent.parent / "examples"


def _database_url(postgres: PostgresServer, name: str) -> str:
    return psycopg.conninfo.make_conninfo(postgres.admin_url, dbname=name)
