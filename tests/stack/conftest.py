"""Homes whose processes are all ended with the test, by pid."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from signal import SIGKILL

import psycopg
import pytest_asyncio

from longshore.settings import Settings
from longshore.stack.control import down
from longshore.stack.state import SERVICES, read_state

STAND_IN = Path(__file__).with_name("stand_in.py")


def stand_in(*services: str) -> list[str]:
    """A supervisor of real engines and stand-ins for the worker and the API."""
    return [sys.executable, str(STAND_IN), *services]


async def until(condition: Callable[[], Awaitable[bool] | bool], seconds: float = 20.0) -> None:
    """Poll until a condition holds."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.02)


async def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    """Execute a statement in a transaction of its own; what it returns."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        cursor = await connection.execute(statement.encode())
        return await cursor.fetchall() if cursor.description else []


async def erase(home: Path) -> None:
    """End what runs in a home, and remove it and what root keeps elsewhere."""
    try:
        await asyncio.wait_for(down(Settings(home=home)), 30)
    finally:
        state = read_state(home)
        for identity in (state.supervisor_identity(), *(state.service(name).identity() for name in SERVICES)):
            if identity:
                identity.signal(SIGKILL)
        elsewhere = home / "postgres" / "elsewhere"
        if elsewhere.exists():
            shutil.rmtree(elsewhere.read_text(), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


@pytest_asyncio.fixture
async def make_home() -> AsyncIterator[Callable[[], Path]]:
    """Makes new homes, whose Postgres lives in them even for root."""
    homes: list[Path] = []

    def make() -> Path:
        home = Path(tempfile.mkdtemp(prefix="longshore-test-"))
        home.chmod(0o711)
        homes.append(home)
        return home

    yield make
    await asyncio.gather(*(erase(home) for home in homes))


@pytest_asyncio.fixture
async def home(make_home: Callable[[], Path]) -> Path:
    return make_home()
