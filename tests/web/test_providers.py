"""Services that embed: what an import waits for, what it was sent, and how often it is asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import Rule, Script
from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import expect_state


async def test_an_import_that_waits_for_a_provider_says_until_when_and_goes_on_when_asked(
    visitor: Visitor, quay: Quay, fake: FakeProvider, tmp_path: Path
) -> None:
    fake.follow(Script(rules=(Rule(first=2, last=2, do="refuse", status=429, headers={"Retry-After": "300"}),)))
    folder = tmp_path / "Tides"
    folder.mkdir()
    for n in range(12):
        (folder / f"tide{n:02}.md").write_text(f"# Tide {n}\n\nTidal engine {n} measures the water level.\n")
    page = await visitor.open(quay.url)
    await page.set_input_files("#choose-folder", folder)
    await page.locator("#upload-project").fill("paid")
    await page.get_by_text("How it is read").click()
    await page.get_by_label("Embedded by").select_option("fake")
    await page.get_by_role("button", name="Start import").click()
    await expect_state(page, "waiting")
    sentence = page.locator(".lead .sentence")
    await expect(sentence).to_contain_text(re.compile(r"fake asks to be called less often\. Goes on at .+, in \d min"))
    await expect(page.locator('[data-stage="embed"]')).to_have_attribute("data-state", "waiting")
    before = await sentence.inner_text()
    await expect(sentence).not_to_have_text(before)  # it counts down

    address = page.url
    await page.goto(quay.url)
    await expect(page.locator('[data-banner="provider"]')).to_contain_text("fake is left alone until")
    await page.get_by_role("link", name="Providers").click()
    card = page.locator('[data-provider="embedding.fake"]')
    await expect(card).to_contain_text("Left alone")
    await card.get_by_label("Requests a second", exact=True).fill("none")
    await page.keyboard.press("Enter")
    await expect(card).to_contain_text("A number above 0")
    await card.get_by_label("Requests a second", exact=True).fill("40")
    await page.keyboard.press("Enter")
    await page.reload()
    await expect(card.get_by_label("Requests a second", exact=True)).to_have_value("40")
    await card.get_by_role("button", name="Ask again now: fake").click()
    await expect(card).to_contain_text("Answers")

    await page.goto(address)
    await expect_state(page, "succeeded")
    await expect(page.locator(".lead .facts")).to_contain_text(re.compile(r"\d+ tokens of providers.*cost 0\.\d+"))


@pytest.mark.thorough
async def test_an_import_says_who_reads_in_whose_place_and_the_graph_who_has_found_what(
    visitor: Visitor, quay: Quay, fake: FakeProvider, tmp_path: Path
) -> None:
    refusing = Rule(path="/reader/", do="refuse", status=401)
    fake.follow(Script(rules=(refusing, Rule(text="Tidal engine 3", do="decline"))))
    folder = tmp_path / "Engines"
    folder.mkdir()
    for n in range(4):
        (folder / f"engine{n}.md").write_text(f"# Engine {n}\n\nTidal engine {n} measures the water level.\n")
    page = await visitor.open(quay.url)
    await page.set_input_files("#choose-folder", folder)
    await page.locator("#upload-project").fill("read")
    await page.get_by_text("How it is read").click()
    await page.get_by_label("Read for facts by").select_option("reader")
    await page.get_by_role("button", name="Start import").click()
    await expect_state(page, "succeeded")
    told = page.locator('[data-fallback="extraction.reader"]')
    await expect(told).to_contain_text("spare was asked in the place of reader, for 3 passages.")
    await expect(told).to_contain_text("does not accept the key")
    await expect(page.locator("[data-without-facts]")).to_contain_text("1 passage without facts.")

    await page.goto(f"{quay.url}/providers")
    await expect(page.locator('[data-provider="extraction.reader"]')).to_contain_text("Fallback: spare")
    graph = await (await page.request.get(f"{quay.url}/v1/projects/read/graph")).json()
    stated = next(edge["target"] for edge in graph["edges"] if edge["kind"] == "STATES")
    await page.goto(f"{quay.url}/p/read/graph?focus={stated}")
    evidence = page.locator(f'[data-evidence="{stated}"] li')
    await expect(evidence.first).to_contain_text("read by spare, other, the fallback")
