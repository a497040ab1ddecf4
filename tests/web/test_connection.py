"""What goes wrong between the page and what it watches, and how it comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import act, expect_link, expect_state, hand_over

Library = Callable[[str, int], Path]


@pytest.mark.thorough
async def test_a_reload_in_the_middle_shows_where_it_stands(visitor: Visitor, held: str) -> None:
    page = await visitor.open(held)
    await expect_state(page, "paused")
    await expect(page.locator(".lead .sentence")).to_contain_text("Nothing is lost")
    before = await page.locator("article.import").get_attribute("data-fraction")
    await page.reload()
    await expect_state(page, "paused")
    await expect_link(page, "live")
    assert float(await page.locator("article.import").get_attribute("data-fraction") or 0) >= float(before or 1) >= 0.1


@pytest.mark.thorough
async def test_two_tabs_show_the_same(visitor: Visitor, quay: Quay, library: Library) -> None:
    first = await visitor.open(quay.url)
    await hand_over(first, library("Twice", 160), "twice")
    second = await visitor.open(first.url)
    await act(second, "pause")
    await expect_state(first, "paused")
    listed = await visitor.open(f"{quay.url}/p/twice")
    await expect(listed.locator('.attention .pill[data-state="paused"]')).to_be_visible()
    await act(first, "resume")
    for page in (first, second):
        await expect_state(page, "succeeded")
        await expect_link(page, "ended")
    await expect(listed.locator('.over .pill[data-state="succeeded"]')).to_be_visible()
    assert await first.locator(".counts").inner_text() == await second.locator(".counts").inner_text()


async def test_an_api_that_is_restarted_in_mid_stream(visitor: Visitor, quay: Quay, held: str) -> None:
    page = await visitor.open(held)
    await expect_link(page, "live")
    quay.stop("api")
    await expect_link(page, "offline")
    await expect(page.locator(".lead .link")).to_contain_text("Offline since")
    await expect(page.locator('button[data-action="resume"]')).to_have_attribute("aria-disabled", "true")
    await quay.start_api()
    await expect_link(page, "live")
    await expect(page.locator('button[data-action="resume"]')).to_have_attribute("aria-disabled", "false")


async def test_no_worker_is_said_and_it_goes_on_by_itself_with_one(
    visitor: Visitor, deserted: Quay, examples: Path
) -> None:
    page = await visitor.open(deserted.url)
    await expect(page.locator('[data-banner="worker"]')).to_contain_text("No worker is running", timeout=20_000)
    await hand_over(page, examples / "library", "deserted")
    await expect(page.locator(".lead .sentence")).to_contain_text("No worker is running", timeout=20_000)
    await expect_state(page, "queued", "waiting")
    deserted.start_worker()
    await expect_state(page, "partially_succeeded")
    await page.goto(deserted.url)
    await expect(page.locator(".rows .row")).to_have_count(1)
    await expect(page.locator('[data-banner="worker"]')).to_have_count(0)
