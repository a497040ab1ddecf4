"""The five old failures, by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.web.conftest import Visitor
from tests.web.quay import Quay, Strait
from tests.web.steps import Sight, act, begin_recording, expect_link, expect_state, hand_over, recorded

Library = Callable[[str, int], Path]


@pytest_asyncio.fixture
async def sights(visitor: Visitor, quay: Quay, library: Library) -> list[Sight]:
    """All that the page showed of an import whose worker was killed on the way."""
    page = await visitor.open(quay.url)
    await page.set_input_files("#choose-folder", library("Killed", 80))
    await begin_recording(page)
    await page.locator("#upload-project").fill("killed")
    await page.get_by_role("button", name="Start import").click()
    while not any(sight.fraction > 0.3 for sight in await recorded(page)):
        await page.wait_for_timeout(50)
    quay.kill("worker")
    quay.start_worker()
    await expect_state(page, "succeeded")
    await expect_link(page, "ended")
    return await recorded(page)


async def test_no_zero_while_it_works_no_wrong_unit_and_no_step_back(sights: list[Sight]) -> None:
    """0 % with work going on; 0.1 shown as 0.1 %; a bar going backwards."""
    assert len({sight.fraction for sight in sights}) > 2
    for sight in sights:
        if sight.state != "queued":
            assert sight.shown != "0 %"
            assert sight.value != 0
        if sight.shown not in ("", "<1 %"):
            assert sight.shown == f"{math.floor(100 * sight.fraction + 1e-9)} %"
        assert sight.max == 1
        assert sight.value is None or math.isclose(sight.value, sight.fraction, abs_tol=1e-6)
    fractions = [sight.fraction for sight in sights]
    assert fractions == sorted(fractions)
    assert all(sight.shown != "100 %" for sight in sights if sight.state in ("running", "waiting"))
    assert sights[-1].shown == "100 %"


async def test_a_dead_stream_does_not_look_alive_and_a_finished_import_does_not_look_running(
    visitor: Visitor, quay: Quay, strait: Strait, library: Library
) -> None:
    page = await visitor.open(strait.url)
    await page.clock.install()
    await hand_over(page, library("Silent", 96), "silent")
    await act(page, "pause")
    await expect_state(page, "paused")
    await expect_link(page, "live")
    strait.silence()
    # However long the import takes, the page notices nothing before its time.
    await page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))
    address = (await page.get_by_role("link", name="API JSON").get_attribute("href")) or ""
    async with httpx2.AsyncClient(base_url=quay.url, timeout=30) as http:
        await http.post(f"{address}:resume")
        async with httpx2.AsyncClient(base_url=quay.url, timeout=30) as watcher:
            while not (await watcher.get(address, params={"wait": 5})).json()["closed_at"]:
                pass
    await expect(page.locator('.lead .pill[data-state="succeeded"]')).to_have_count(0)
    await page.clock.fast_forward("00:26")
    await page.clock.resume()
    await expect_state(page, "succeeded")
    await expect_link(page, "ended")
    await expect(page.locator(".lead output")).to_have_text("100 %")


@pytest.mark.thorough
async def test_a_silent_stream_is_opened_anew(visitor: Visitor, strait: Strait, held: str) -> None:
    page = await visitor.open(strait.url + urlsplit(held).path)
    await page.clock.install()
    await page.reload()
    await expect_state(page, "paused")
    await expect_link(page, "live")
    strait.silence()
    await page.clock.fast_forward("00:26")
    # Which of them is seen on the way depends on how soon the API answers.
    await expect(page.locator(".log")).to_contain_text(re.compile("Reconnecting|Polling|Offline"))
    await expect_link(page, "live")
