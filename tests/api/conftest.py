"""The API against a real Postgres and a real Temporal whose workflow follows the test's script."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from psycopg.conninfo import make_conninfo
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.__main__ import Server
from api.app import create_app
from longshore.graph.db import Pool, open_pool
from longshore.stack.postgres import PostgresServer
from tests.api.door import Door, _numbers, opened
from tests.api.scripted import crewed, dev_server


@pytest_asyncio.fixture(scope="session")
async def scripted() -> AsyncIterator[WorkflowEnvironment]:
    async with dev_server() as environment:
        yield environment


@pytest_asyncio.fixture
async def unattended() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal that no worker has ever polled, and that a test may stop."""
    async with dev_server() as environment:
        yield environment


@pytest_asyncio.fixture(scope="session")
async def crew(scripted: WorkflowEnvironment) -> AsyncIterator[Client]:
    """A worker that runs the scripted workflow; the client of its Temporal."""
    async with crewed(scripted.client):
        yield scripted.client


@pytest_asyncio.fixture(scope="session")
async def quay_url(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """One database for all these tests: each has a project of its own."""
    async with await psycopg.AsyncConnection.connect(postgres.admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("create database quay template {}").format(sql.Identifier(template)))
        yield make_conninfo(postgres.admin_url, dbname="quay")
        await admin.execute("drop database quay with (force)")


@pytest_asyncio.fixture(scope="session")
async def quay_pool(quay_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(quay_url)
    yield pool
    await pool.close()


@pytest_asyncio.fixture(scope="session")
async def quay(
    quay_url: str, quay_pool: Pool, scripted: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    home = tmp_path_factory.mktemp("quay")
    async with opened(quay_url, scripted.client.service_client.config.target_host, home, quay_pool) as ready:
        yield ready


@pytest.fixture
def door(quay: Door) -> Door:
    return replace(quay, project=f"harbour-{next(_numbers)}")


@pytest_asyncio.fixture
async def server(door: Door) -> AsyncIterator[Server]:
    """The same on a port of its own, for what needs a real connection."""
    running = Server(create_app(door.settings), door.settings)
    serving = asyncio.create_task(running.serve())
    async with asyncio.timeout(10):
        while not running.started:
            await asyncio.sleep(0.02)
    yield running
    running.should_exit = True
    async with asyncio.timeout(4):
        await serving


@pytest_asyncio.fixture
async def door_without_temporal(
    quay_url: str, quay_pool: Pool, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[Door]:
    async with opened(quay_url, f"127.0.0.1:{unused_tcp_port}", tmp_path, quay_pool) as ready:
        yield ready


@pytest.fixture
def name() -> str:
    """Of a source that no other test has."""
    return f"Library {uuid.uuid4().hex[:8]}"
