"""Comparisons: begun from a source that is there, watched variant by variant, steered, promoted and dropped."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import expect_state

PROJECT = "compared"
SUBJECTS = ("crane", "tide", "rope", "lantern", "anchor", "harbour")
KOREAN = ("항만 크레인은 배에서 컨테이너를 들어 올린다.", "조석은 달과 태양의 인력으로 생긴다.")


@pytest_asyncio.fixture(scope="module")
async def address(browser: Browser, quay: Quay, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the comparisons of a project with one small source."""
    folder = tmp_path_factory.mktemp("notes") / "Notes"
    folder.mkdir()
    for number, subject in enumerate(SUBJECTS):
        text = f"# The {subject}\n\nOld sailors say that the {subject} of a ship is its number {number} concern.\n"
        (folder / f"{subject}.md").write_text(text)
    for number, sentence in enumerate(KOREAN):
        (folder / f"note{number}.md").write_text(f"# 항만 기록 {number}\n\n{sentence}\n")
    page = await browser.new_page()
    await page.goto(quay.url)
    await page.set_input_files("#choose-folder", folder)
    await page.locator("#upload-project").fill(PROJECT)
    await page.get_by_role("button", name="Start import").click()
    await expect_state(page, "succeeded")
    await page.close()
    return f"{quay.url}/p/{PROJECT}/comparisons"


async def begin(page: Page, *, variants: int = 2) -> None:
    """Ends on the board of a new comparison."""
    await page.get_by_role("button", name="New comparison").click()
    for number in range(3, variants, -1):
        await page.get_by_role("button", name=f"Remove: Variant {number}").click()
    await page.get_by_label("Questions of each kind").fill("3")
    await page.get_by_role("button", name="Compare", exact=True).click()
    await expect(page.locator("article.comparison")).to_be_visible()


async def expect_comparison(page: Page, state: str) -> None:
    await expect(page.locator("article.comparison")).to_have_attribute("data-state", state, timeout=90_000)


async def shown(page: Page) -> dict[str, Any]:
    """What the API says of the comparison that the page shows."""
    async with httpx2.AsyncClient() as http:
        answer = await http.get(page.url.replace("/p/", "/v1/projects/"))
    found: dict[str, Any] = answer.json()
    return found


async def test_comparison_is_begun_measured_retried_promoted_and_dropped(visitor: Visitor, address: str) -> None:
    page = await visitor.open(address.removesuffix("/comparisons"))
    await page.get_by_role("link", name="Comparisons").click()
    await expect(page.locator(".empty")).to_contain_text("Nothing has been compared yet")
    await page.get_by_role("button", name="New comparison").click()
    passage = page.locator("#variant-1-passage")
    await passage.fill("many")
    await page.get_by_role("button", name="Compare", exact=True).click()
    await expect(page.locator("#variant-1-passage-hint")).to_contain_text("valid integer")
    await expect(passage).to_be_focused()
    await passage.fill("400")
    await page.get_by_role("button", name="Remove: Variant 3").click()
    await page.get_by_label("Questions of each kind").fill("3")
    await page.get_by_role("button", name="Compare", exact=True).click()
    await page.locator('button[data-action="pause"]').click()
    await expect_comparison(page, "paused")
    await page.locator('button[data-action="resume"]').click()
    await expect_comparison(page, "succeeded")

    found = await shown(page)
    assert [variant["settings"]["passage"] for variant in found["variants"]] == [900, 400]
    await expect(page.locator('[data-step][data-state="done"]')).to_have_count(8)
    for group in found["variants"][1]["measures"]["retrieval"]["groups"]:
        figures = page.locator(f'[data-questions="{group["language"]}/{group["kind"]}"]')
        mean = group["measures"]["ndcg_10"]
        said = f"{mean['value']:.3f} [{mean['low']:.3f}, {mean['high']:.3f}]"
        await expect(figures.locator("tr", has_text="nDCG@10").locator("td").nth(1)).to_have_text(said)
    recall = found["variants"][1]["measures"]["retrieval"]["groups"][0]["measures"]["recall_1"]
    await page.get_by_label("Measure", exact=True).select_option("recall@1")
    await expect(page.locator('[data-plotted="short"] .value').first).to_contain_text(f"{recall['value']:.3f}")
    await expect(page.locator(".plots")).to_have_count(2)
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360

    retry = page.get_by_role("button", name="Retry: short")
    await retry.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(retry).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_label("From the step").select_option("Cost")
    await page.get_by_role("dialog").get_by_role("button", name="Retry").click()
    short = page.locator('[data-variant="short"]')
    await expect(short.locator('[data-step="cost"][data-state="done"]')).to_contain_text("attempt 2")
    await expect_comparison(page, "succeeded")
    attempts = [[step["attempt"] for step in variant["steps"]] for variant in (await shown(page))["variants"]]
    assert attempts == [[1, 1, 1, 1], [1, 1, 1, 2]]

    await page.get_by_role("button", name="Promote: short").click()
    await expect(page.get_by_role("dialog")).to_contain_text(f"Let {PROJECT} serve short?")
    await page.get_by_role("dialog").get_by_role("button", name="Promote").click()
    await expect(short.locator(".served")).to_have_text("Served")
    await expect(page.get_by_role("button", name=re.compile("Promote|Retry"))).to_have_count(0)
    await page.locator('button[data-action="drop"]').click()
    await page.get_by_role("dialog").get_by_role("button", name="Drop").click()
    await expect(page).to_have_url(address)
    await expect(page.locator(".empty")).to_contain_text("Nothing has been compared yet")


async def test_comparison_that_is_cancelled_or_fails_says_so(visitor: Visitor, address: str, quay: Quay) -> None:
    page = await visitor.open(address)
    await begin(page)
    await page.locator('button[data-action="cancel"]').click()
    await page.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    await expect_comparison(page, "cancelled")
    await expect(page.locator('[data-step="import"]').first).to_have_attribute("data-state", "cancelled")

    source = {"kind": "known", "key": (await shown(page))["source"]}
    question = b'{"question": "what nobody wrote", "document": "Nothing of the kind"}'
    given = hashlib.sha256(question).hexdigest()
    body = {"source": source, "variants": [{"name": "usual"}], "questions": {"each": 0, "given": given}}
    async with httpx2.AsyncClient(base_url=f"{quay.url}/v1/projects/{PROJECT}") as http:
        await http.put(f"/blobs/{given}", content=question)
        answer = await http.post("/comparisons", json=body)
    await page.goto(f"{address}/{answer.json()['id']}")
    await expect_comparison(page, "failed")
    await expect(page.locator(".step-reason")).to_have_text(re.compile("Retrieval: no document is called"))
    await expect(page.locator('[data-step="cost"]')).to_have_text("not reached")
    await page.get_by_role("button", name="Retry: usual").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(page.get_by_label("From the step")).to_have_value("retrieval")
    await expect(page.get_by_label("From the step").locator("option")).to_have_text(["Import", "Retrieval"])
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="한국어").click()
    await expect(page.locator(".lead .pill")).to_have_text("실패")
    await page.get_by_role("link", name="비교").first.click()
    await expect(page.locator(".row .pill")).to_have_text(["실패", "취소됨"])
