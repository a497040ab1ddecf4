"""A provider that is asked over HTTP, as any other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from longshore.dev.fake_provider import FakeProvider


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as provider:
        yield provider
