"""An import, from what is dropped on the page to the graph."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.async_api import expect

from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import act, expect_link, expect_state, hand_over


async def test_a_library_from_drop_to_graph(visitor: Visitor, quay: Quay, examples: Path) -> None:
    page = await visitor.open(quay.url)
    await expect_link(page, "live")
    await page.set_input_files("#choose-folder", examples / "library")
    await expect(page.get_by_label("Name of the library")).to_have_value("Longshore example library")
    await page.locator("#upload-project").fill("from-drop")
    await page.get_by_role("button", name="Start import").click()

    await expect_state(page, "partially_succeeded")
    await expect_link(page, "ended")
    await expect(page.locator(".lead")).to_contain_text("14 added, 1 duplicate")
    await expect(page.locator('.timed [data-stage="write"] .filled')).to_have_count(1)
    await expect(page.locator('[data-stage="write"]')).to_contain_text(re.compile("Began after .+, took "))
    await expect(page.locator(".items tbody tr")).to_have_count(1)
    await expect(page.locator(".items")).to_contain_text("opens only with a password")
    await page.get_by_label("Show").select_option("With a problem or a warning")
    await expect(page.locator(".items tbody tr")).to_have_count(3)
    await page.get_by_label("Show").select_option("A file that was not brought")
    await expect(page.locator(".items tbody tr")).to_have_count(1)
    await expect(page.locator(".items")).to_contain_text("Checkpointing Long Batch Jobs")
    first = page.url
    await page.get_by_label("Show").select_option("Opens only with a password")
    await page.get_by_role("button", name="Retry these").click()
    await expect(page).not_to_have_url(first)
    await expect_state(page, "partially_succeeded")

    await page.get_by_role("link", name="Open the graph").click()
    await expect(page.locator(".graph[data-state=ready]")).to_be_visible()
    assert int(await page.locator(".graph").get_attribute("data-nodes") or 0) > 100
    await page.get_by_label("Find a node").fill("Durable Workflows")
    await page.keyboard.press("Enter")
    await expect(page.locator(".node h2")).to_contain_text("Durable Workflows for Research Data")
    await expect(page.locator(".passages")).to_contain_text("p. 1")

    await page.get_by_role("link", name="Search").click()
    await page.get_by_label("What are you looking for?").fill("how an import survives a crash")
    await page.keyboard.press("Enter")
    best = page.locator(".result").first
    await expect(best).to_contain_text("Durable Workflows")
    await expect(best.locator(".why-found")).to_contain_text("by meaning")
    await expect(best.locator("mark").first).to_be_visible()
    await page.get_by_label("From year").fill("2030")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nothing was found")).to_be_visible()


async def test_a_folder_of_files_becomes_a_document_each(visitor: Visitor, quay: Quay, tmp_path: Path) -> None:
    folder = tmp_path / "Harbour notes"
    (folder / "tides").mkdir(parents=True)
    (folder / "cranes.md").write_text("# Container cranes\n\nContainer cranes lift cargo from ships.\n")
    (folder / "tides" / "levels.txt").write_text("Tidal engines measure the water level.\n")
    (folder / ".hidden").write_text("nothing")
    page = await visitor.open(quay.url)
    await page.set_input_files("#choose-folder", folder)
    await expect(page.locator(".upload-summary")).to_contain_text(
        "A batch of files, each a document of its own: 2 files"
    )
    await expect(page.get_by_label("Name of the library")).to_have_value("Harbour notes")
    await page.locator("#upload-project").fill("batch")
    await page.get_by_role("button", name="Start import").click()
    await expect_state(page, "succeeded")
    await expect(page.locator(".lead")).to_contain_text("2 added")


async def test_what_the_server_has_is_not_sent_again(visitor: Visitor, quay: Quay, examples: Path) -> None:
    page = await visitor.open(quay.url)
    await hand_over(page, examples / "library", "sent-once")
    await expect_state(page, "partially_succeeded")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    await page.goto(quay.url)
    await hand_over(page, examples / "library", "sent-once")
    await expect_state(page, "partially_succeeded", "succeeded")
    assert sent == []
    await expect(page.locator(".lead .sentence")).to_contain_text("Nothing had changed")


async def test_a_zip_of_a_library_that_is_taken_back(
    visitor: Visitor, quay: Quay, examples: Path, tmp_path: Path
) -> None:
    packed = shutil.make_archive(str(tmp_path / "Packed library"), "zip", examples / "library")
    page = await visitor.open(quay.url)
    await page.set_input_files("#choose-files", packed)
    await expect(page.get_by_label("Name of the library")).to_have_value("Packed library")
    await page.locator("#upload-project").fill("packed")
    await page.get_by_role("button", name="Start import").click()
    await expect_state(page, "partially_succeeded")

    await act(page, "undo")
    await page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    await page.locator(".actions a").click()
    await expect_state(page, "succeeded")
    await expect(page.locator(".lead h1")).to_contain_text("Undo")
    await expect(page.locator(".lead")).to_contain_text("The graph holds 0 documents")


async def test_a_folder_of_hidden_files_is_refused_with_the_reason(
    visitor: Visitor, quay: Quay, tmp_path: Path
) -> None:
    (tmp_path / ".hidden").write_text("nothing to import")
    page = await visitor.open(quay.url)
    await page.set_input_files("#choose-folder", tmp_path)
    await expect(page.get_by_role("alert")).to_contain_text("There is no file in what you dropped")


async def test_a_bibliography_chosen_by_itself(visitor: Visitor, quay: Quay, tmp_path: Path) -> None:
    saved = tmp_path / "thesis.bib"
    saved.write_text("@article{a, title={Cranes that lift cargo}, year={2020}}\n@book{b, title={Tides}, year={2021}}\n")
    page = await visitor.open(quay.url)
    await page.set_input_files("#choose-files", saved)
    await expect(page.locator(".upload-summary")).to_contain_text("A bibliography: 1 file,")
    await page.locator("#upload-project").fill("bibliography")
    await page.get_by_role("button", name="Start import").click()
    await expect_state(page, "succeeded")
    await expect(page.locator(".lead")).to_contain_text("2 added")
    await expect(page.locator(".origin")).to_have_text("Bibliography")
