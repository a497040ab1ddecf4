"""A project's settings: what is renamed, what is taken away, and who is told."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import expect_state, hand_over


async def bring(browser: Browser, quay: Quay, folder: Path, project: str) -> None:
    """Import a folder of two texts, which give a source the folder's name."""
    folder.mkdir()
    (folder / "cranes.md").write_text(f"# Cranes of {folder.name}\n\nContainer cranes lift cargo from ships.\n")
    (folder / "tides.txt").write_text(f"Tidal engines of {folder.name} measure the water level.\n")
    page = await browser.new_page()
    await page.goto(quay.url)
    await hand_over(page, folder, project)
    await expect_state(page, "succeeded")
    await page.close()


async def rename(page: Page, old: str, new: str) -> None:
    await page.get_by_role("button", name=f"Rename: {old}").click()
    await page.get_by_label("Name", exact=True).fill(new)
    await page.keyboard.press("Enter")


async def test_a_project_and_its_sources_are_renamed_and_taken_away(
    browser: Browser, visitor: Visitor, quay: Quay, tmp_path: Path
) -> None:
    for name in ("North quay", "South quay"):
        await bring(browser, quay, tmp_path / name, "docks")
    page = await visitor.open(f"{quay.url}/p/docks")
    await page.get_by_role("link", name="Settings").click()
    await expect(page.locator(".entry")).to_have_count(2)
    await expect(page.locator('[data-source="files.north-quay"]')).to_contain_text("2 items")

    await rename(page, "docks", "The docks")
    await expect(page.locator("h1")).to_have_text("The docks")
    await expect(page.get_by_role("button", name="Rename: The docks")).to_be_focused()
    await expect(page.get_by_label("Project")).to_contain_text("The docks")
    await rename(page, "North quay", "Quay of the north")
    await expect(page.locator('[data-source="files.north-quay"] h3')).to_have_text("Quay of the north")

    await page.get_by_role("button", name="Remove: South quay").click()
    await expect(page.get_by_role("dialog")).to_contain_text("2 items would go, and 2 documents")
    await page.keyboard.press("Escape")
    await expect(page.locator(".entry")).to_have_count(2)
    await page.get_by_role("button", name="Remove: South quay").click()
    await expect(page.get_by_role("dialog")).to_contain_text("2 items would go")
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("This import takes it out:")).to_be_visible()
    await expect(page.locator(".entry")).to_have_count(1)

    await page.get_by_role("button", name="Delete project").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("2 documents, 2 items")
    await dialog.get_by_label("Type docks to confirm").fill("dock")
    await page.keyboard.press("Enter")  # nothing happens before its key has been typed
    await expect(dialog.get_by_role("button", name="Delete project")).to_have_attribute("aria-disabled", "true")
    await dialog.get_by_label("Type docks to confirm").fill("docks")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The project docks has been deleted.")).to_be_visible()


async def test_a_webhook_and_its_secret_that_is_shown_once(
    browser: Browser, visitor: Visitor, quay: Quay, tmp_path: Path
) -> None:
    await bring(browser, quay, tmp_path / "East quay", "told")
    page = await visitor.open(f"{quay.url}/p/told/settings")
    await expect(page.get_by_text("Nobody is told of anything yet.")).to_be_visible()
    await page.get_by_label("Address").fill("harbour office")
    await page.get_by_role("button", name="Add webhook").click()
    await expect(page.get_by_text("An address begins with https:// or http://.")).to_be_visible()
    await page.get_by_label("Address").fill("https://office.example:99999/")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("port")
    await page.get_by_label("Address").fill("https://office.example/imports")
    await page.get_by_label("when an import needs somebody").uncheck()
    await page.get_by_role("button", name="Add webhook").click()
    await expect(page.locator(".secret code")).to_contain_text("whsec_")
    await expect(page.locator("[data-webhook]")).to_contain_text("when an import has closed")

    await page.reload()
    await expect(page.locator("[data-webhook] h3")).to_have_text("https://office.example/imports")
    await expect(page.locator(".secret")).to_have_count(0)
    await page.get_by_role("button", name="Delete: https://office.example/imports").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.locator("[data-webhook]")).to_have_count(0)


async def test_settings_of_no_project_say_so(visitor: Visitor, quay: Quay) -> None:
    page = await visitor.open(f"{quay.url}/p/nowhere/settings")
    await expect(page.get_by_role("alert")).to_contain_text("There is no project nowhere.")
