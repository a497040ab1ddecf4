"""A browser and a stack for the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from psycopg import sql
from psycopg.conninfo import make_conninfo
from temporalio.client import Client

from api.page import STATIC
from longshore.dev.fake_provider import FakeProvider
from longshore.stack.namespace import ensure_namespace
from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer
from tests.integration.library import write_library
from tests.sources.zotero_server import ZoteroServer, serving
from tests.web.chromium import ARGUMENTS, find_chromium
from tests.web.quay import Quay, Strait, free_port
from tests.web.steps import act, expect_state, hand_over

PATIENCE_MS = 30_000
PROVIDERS = """
[embedding.fake]
kind = "openai"
base_url = "{url}/v1"
model = "m"
dimensions = 256
max_items = 8
price_per_million = 100

[extraction.reader]
kind = "openai"
base_url = "{url}/reader/v1"
model = "reader"
fallback = "spare"

[extraction.spare]
kind = "openai"
base_url = "{url}/spare/v1"
model = "other"
"""


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    assert (STATIC / "index.html").is_file(), "the page has not been built: run `make page`"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        await browser.close()


class Visitor:
    """Somebody with a browser, whose every request is looked at."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self._check(request.url))

    async def open(self, url: str) -> Page:
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._hear(message.text))
        await page.goto(url)
        return page

    def _check(self, url: str) -> None:
        if urlsplit(url).hostname != "127.0.0.1" and not url.startswith(("blob:", "data:")):
            self.strangers.append(url)

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.complaints.append(text)


@pytest_asyncio.fixture
async def visitor(browser: Browser) -> AsyncIterator[Visitor]:
    context = await browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    visitor = Visitor(context)
    yield visitor
    await context.close()
    assert visitor.strangers == [], "the page asked another host"
    assert visitor.complaints == []


@pytest_asyncio.fixture(scope="session")
async def page_database(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    async with await psycopg.AsyncConnection.connect(postgres.admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("create database panes template {}").format(sql.Identifier(template)))
        yield make_conninfo(postgres.admin_url, dbname="panes")
        await admin.execute("drop database panes with (force)")


@pytest_asyncio.fixture(scope="session")
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as fake:
        yield fake


@pytest.fixture(scope="session")
def zotero() -> Iterator[ZoteroServer]:
    server = ZoteroServer()
    with serving(server):
        yield server


@pytest_asyncio.fixture(scope="session")
async def harbour(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TemporalServer]:
    """A Temporal of its own: the worker of these tests would take up what others hand to theirs."""
    server = TemporalServer(tmp_path_factory.mktemp("harbour"))
    await server.start()
    await ensure_namespace(await Client.connect(server.address))
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session")
async def quay(
    page_database: str,
    harbour: TemporalServer,
    fake: FakeProvider,
    zotero: ZoteroServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Quay]:
    providers = tmp_path_factory.mktemp("providers") / "providers.toml"
    providers.write_text(PROVIDERS.format(url=fake.url))
    settings = {
        "LONGSHORE_GIT_HOSTS": "127.0.0.1",
        "LONGSHORE_PROVIDERS": str(providers),
        "LONGSHORE_ZOTERO_API": zotero.url,
    }
    quay = Quay(page_database, harbour.address, tmp_path_factory.mktemp("quay"), free_port(), settings)
    quay.start_worker()
    await quay.start_api()
    yield quay
    quay.stop_all()


@pytest_asyncio.fixture
async def deserted(database_url: str, tmp_path: Path) -> AsyncIterator[Quay]:
    """A stack of its own, at which no worker has ever been."""
    engine = TemporalServer(tmp_path / "temporal")
    await engine.start()
    await ensure_namespace(await Client.connect(engine.address))
    quay = Quay(database_url, engine.address, tmp_path / "home", free_port())
    await quay.start_api()
    yield quay
    quay.stop_all()
    await engine.stop()


@pytest_asyncio.fixture
async def strait(quay: Quay) -> AsyncIterator[Strait]:
    async with Strait(quay) as strait:
        yield strait


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """Writes a library that takes some seconds to import."""

    def write(name: str, items: int) -> Path:
        return write_library(tmp_path_factory.mktemp("libraries") / name, items)

    return write


@pytest_asyncio.fixture(scope="session")
async def held(browser: Browser, quay: Quay, library: Callable[[str, int], Path]) -> str:
    """Address of an import that is paused on its way."""
    page = await browser.new_page()
    await page.goto(quay.url)
    await hand_over(page, library("Held", 160), "held")
    while float(await page.locator("article.import").get_attribute("data-fraction") or 0) < 0.1:
        await page.wait_for_timeout(50)
    await act(page, "pause")
    await expect_state(page, "paused")
    address = page.url
    await page.close()
    return address
