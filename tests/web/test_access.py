"""For everybody: keyboard, Korean, dark, a phone."""

from __future__ import annotations

from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import expect_state, hand_over


@pytest_asyncio.fixture(scope="session")
async def address(browser: Browser, quay: Quay, examples: Path) -> str:
    """Of a closed import."""
    page = await browser.new_page()
    await page.goto(quay.url)
    await hand_over(page, examples / "library", "for-everybody")
    await expect_state(page, "partially_succeeded")
    address = page.url
    await page.close()
    return address


async def test_the_keyboard_reaches_an_import(visitor: Visitor, quay: Quay, address: str) -> None:
    page = await visitor.open(f"{quay.url}/p/for-everybody")
    await expect(page.locator(".row")).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    link = page.locator(".row h3 a")
    for _ in range(20):
        if await link.evaluate("(link) => link === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(address)


async def test_it_speaks_korean_and_remembers(visitor: Visitor, address: str) -> None:
    page = await visitor.open(address)
    await page.get_by_role("button", name="한국어").click()
    await expect(page.locator(".lead .pill")).to_have_text("일부 완료")
    await page.reload()
    await expect(page.locator(".lead .sentence")).to_contain_text("14개 추가")
    assert await page.evaluate("document.documentElement.lang") == "ko"


async def test_dark_follows_the_system_until_somebody_chooses(visitor: Visitor, address: str) -> None:
    page = await visitor.open(address)
    await page.emulate_media(color_scheme="dark")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_label("Appearance").select_option("light")
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_nothing_is_wider_than_a_phone(visitor: Visitor, quay: Quay, address: str) -> None:
    page = await visitor.open(address)
    await page.set_viewport_size({"width": 360, "height": 740})
    views = {
        "": ".row",
        "/search?q=import": ".result",
        "/graph": ".nodes",
        "/comparisons": ".comparisons",
        "/settings": ".entry",
    }
    drawn = {f"{quay.url}/p/for-everybody{view}": what for view, what in views.items()}
    for url, what in {address: ".items", quay.url: ".row", **drawn}.items():
        await page.goto(url)
        await expect(page.locator(what).first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, url
