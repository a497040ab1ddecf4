"""A server that asks for a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from longshore.graph import api_keys
from longshore.graph.db import Pool
from longshore.stack.temporal import TemporalServer
from tests.web.conftest import Visitor
from tests.web.quay import Quay, free_port
from tests.web.steps import expect_link


@pytest_asyncio.fixture
async def guarded(database_url: str, temporal: TemporalServer, tmp_path: Path) -> AsyncIterator[Quay]:
    port = free_port()
    settings = {"LONGSHORE_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    quay = Quay(database_url, temporal.address, tmp_path / "home", port, settings)
    await quay.start_api()
    yield quay
    quay.stop_all()


async def test_a_key_opens_the_page_until_it_is_revoked(visitor: Visitor, guarded: Quay, pool: Pool) -> None:
    async with pool.connection() as connection:
        made, key = await api_keys.create(connection, "A reader", "read", None, None)
    page = await visitor.open(guarded.url)
    field = page.get_by_label("API key")
    await field.fill("no-key")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await field.fill(key)
    await page.keyboard.press("Enter")
    await expect_link(page, "live")
    assert await page.evaluate("document.cookie") == ""

    await page.reload()
    await expect_link(page, "live")
    async with pool.connection() as connection:
        await api_keys.revoke(connection, made.key_id)
    await page.goto(f"{guarded.url}/p/any/search?q=harbour")
    await expect(field).to_be_visible()
