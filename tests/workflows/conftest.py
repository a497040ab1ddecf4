from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from temporalio.client import Client

from tests.workflows.harbour import Dock, Handle, Harbour, skipping_engine, start_import
from workflows.contracts import Submission

Start = Callable[[Submission, str], Awaitable[Handle]]


@pytest_asyncio.fixture(scope="session")
async def skipping() -> AsyncIterator[Client]:
    async with skipping_engine() as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def harbour(skipping: Client) -> AsyncIterator[Harbour]:
    harbour = Harbour()
    async with harbour.serving(skipping):
        yield harbour


@pytest.fixture
def dock(harbour: Harbour) -> Dock:
    harbour.dock = Dock()
    harbour.dock.gate.set()
    return harbour.dock


@pytest.fixture(params=["cached", pytest.param("uncached", marks=pytest.mark.thorough)])
def start(skipping: Client, harbour: Harbour, request: pytest.FixtureRequest) -> Start:
    """Starts an import; on the uncached queue its history is replayed on every task."""

    async def started(submission: Submission, workflow_id: str) -> Handle:
        return await start_import(skipping, submission, f"{workflow_id}-{request.param}", request.param)

    return started
