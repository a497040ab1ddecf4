"""What an import would do, seen before it does anything; and the yes that it waits for."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect

from tests.sources.repositories import Upstream, serving
from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import act, expect_state, hand_over


def notes(folder: Path, number: int) -> Path:
    """A folder of texts, each a document, and a picture of which nothing is read."""
    folder.mkdir(exist_ok=True)
    for n in range(number):
        (folder / f"berth{n:02}.md").write_text(f"# Berth {n}\n\nContainer crane {n} lifts cargo from ships.\n")
    return folder


async def count(page: Page, change: str) -> str:
    return await page.locator(f'.plan-counts [data-change="{change}"] strong').inner_text()


async def test_a_plan_is_seen_by_keyboard_before_anything_is_imported(
    visitor: Visitor, quay: Quay, tmp_path: Path
) -> None:
    folder = notes(tmp_path / "Berths", 3)
    (folder / "crane.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    page = await visitor.open(quay.url)
    await page.set_input_files("#choose-folder", folder)
    await page.locator("#upload-project").fill("planned")
    await page.get_by_role("button", name="Show the plan").focus()
    await page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="Plan of Berths")
    await expect(page.locator('[data-plan="ready"]')).to_be_visible()
    await expect(heading).to_be_focused()
    assert await count(page, "added") == "4"
    await expect(page.locator(".plan")).to_contain_text("3 files to read")
    await expect(page.locator(".samples")).to_contain_text("No parser for this kind of file: crane.png")
    await page.goto(f"{quay.url}/p/planned")
    await expect(page.get_by_text("Nothing has been imported yet.")).to_be_visible()

    await page.set_input_files("#choose-folder", folder)
    await page.locator("#upload-project").fill("planned")
    await page.get_by_label("Ask me first").check()
    await page.get_by_role("button", name="Show the plan").click()
    await page.get_by_role("button", name="Change it").click()
    await expect(page.locator("#upload-project")).to_have_value("planned")
    await expect(page.get_by_label("Ask me first")).to_be_checked()
    await page.get_by_role("button", name="Show the plan").click()
    await page.get_by_role("button", name="Start import").click()
    await expect_state(page, "waiting")
    await expect(page.locator(".lead .sentence")).to_contain_text("waits for your yes")
    assert await count(page, "added") == "4"
    await expect(page.locator(".items tbody tr")).to_have_count(4)
    await act(page, "approve")
    await expect_state(page, "succeeded")


async def test_what_would_remove_much_shows_what_goes_and_is_cancelled(
    visitor: Visitor, quay: Quay, tmp_path: Path
) -> None:
    folder = notes(tmp_path / "Quays", 30)
    page = await visitor.open(quay.url)
    await hand_over(page, folder, "emptied")
    await expect_state(page, "succeeded")
    for path in sorted(folder.iterdir())[2:]:
        path.unlink()
    await page.goto(quay.url)
    await hand_over(page, folder, "emptied")
    await expect(page.locator(".lead .sentence")).to_contain_text("It would remove much")
    assert await count(page, "removed") == "28"
    await expect(page.locator(".items tbody tr")).to_have_count(25)
    await page.locator('.plan-counts [data-change="unchanged"] button').click()
    await expect(page.get_by_role("heading", name="Outcomes")).to_be_focused()
    await expect(page.locator(".items tbody tr")).to_have_count(2)
    await page.goto(f"{quay.url}/p/emptied")
    await expect(page.locator(".attention .sentence")).to_contain_text("28 to remove")
    await page.locator(".attention h3 a").click()
    await act(page, "cancel")
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect_state(page, "cancelled")


async def test_the_plan_of_a_repository_names_its_commit(visitor: Visitor, quay: Quay, tmp_path: Path) -> None:
    upstream = Upstream.create(tmp_path / "tides")
    upstream.put({"README.md": "# Tides\n\nTidal engines.\n", "package-lock.json": "{}\n"})
    commit = upstream.commit()
    page = await visitor.open(quay.url)
    await page.get_by_role("button", name="Name a repository").click()
    with serving({"tides": upstream.repo}) as server:
        await page.get_by_label("Address of the repository").fill(server.url("tides"))
        await page.locator("#upload-project").fill("planned-forge")
        await page.get_by_role("button", name="Show the plan").click()
        await expect(page.locator('[data-plan="ready"]')).to_be_visible()
        await expect(page.locator(".plan")).to_contain_text(f"commit {commit[:10]}")
        await expect(page.locator(".samples")).to_contain_text("Written by a program: package-lock.json")
        await page.get_by_role("button", name="Change it").click()
        await expect(page.get_by_label("Address of the repository")).to_have_value(server.url("tides"))
        await page.get_by_role("button", name="Discard").click()
        await expect(page.get_by_role("button", name="Name a repository")).to_be_visible()
