"""An import that begins with the address of a library at zotero.org."""

from __future__ import annotations

from playwright.async_api import expect

from tests.sources.zotero_server import ZoteroServer
from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import expect_state


async def test_a_library_of_zotero_from_its_address_to_the_graph_and_again(
    visitor: Visitor, quay: Quay, zotero: ZoteroServer
) -> None:
    zotero.put("ITEM0001", title="Cranes that lift cargo", date="2020")
    page = await visitor.open(quay.url)
    await page.get_by_role("button", name="Name a Zotero library").click()
    address = page.get_by_label("Address of the library")
    await expect(address).to_be_focused()
    await address.fill("https://example.org/groups/456")
    await page.locator("#upload-project").fill("online")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("An address such as https://www.zotero.org/groups/456")).to_be_visible()
    await address.fill("https://www.zotero.org/groups/456/harbour/library")
    await page.get_by_role("button", name="Show the plan").click()
    await expect(page.locator('[data-plan="ready"]')).to_be_visible()
    await page.get_by_role("button", name="Change it").click()
    await expect(address).to_have_value("groups/456")
    await page.get_by_role("button", name="Start import").click()
    await expect_state(page, "succeeded")
    await expect(page.locator(".origin")).to_contain_text("Zotero library on the web: groups/456")
    await expect(page.locator(".lead .sentence")).to_contain_text("1 added")

    zotero.put("ITEM0002", title="Tidal engines", date="2021")
    await page.goto(f"{quay.url}/p/online/settings")
    await page.get_by_role("button", name="Import again: groups/456").click()
    await page.get_by_text("This import reads it again:").get_by_role("link").click()
    await expect_state(page, "succeeded")
    await expect(page.locator(".lead .sentence")).to_contain_text("1 added, 1 unchanged")
