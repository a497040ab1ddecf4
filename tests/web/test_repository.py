"""An import that begins with the address of a repository."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.sources.repositories import Upstream, serving
from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import expect_state


async def test_a_repository_from_its_address_to_the_graph(visitor: Visitor, quay: Quay, tmp_path: Path) -> None:
    upstream = Upstream.create(tmp_path / "cranes")
    upstream.put({"README.md": "# Cranes\n\nContainer cranes lift cargo.\n", "src/lift.py": "def lift():\n    pass\n"})
    commit = upstream.commit()
    page = await visitor.open(quay.url)
    await page.get_by_role("button", name="Name a repository").click()
    address = page.get_by_label("Address of the repository")
    await expect(address).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("An address such as")).to_be_visible()
    await address.fill("git@example.org:harbour/cranes.git")
    await page.locator("#upload-project").fill("forge")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("https://example.org/harbour/cranes.git")

    with serving({"cranes": upstream.repo}) as server:
        await address.fill(server.url("cranes"))
        await page.get_by_label("Branch, tag or commit").fill("trunk")
        await page.get_by_role("button", name="Start import").click()
        await expect_state(page, "succeeded")
        await expect(page.locator(".origin")).to_contain_text(f"Git repository: {server.url('cranes')}")
        await expect(page.locator(".origin")).to_contain_text(f"trunk, commit {commit[:10]}")
        await expect(page.locator('[data-stage="stage"]')).to_contain_text("Fetch")
        await page.goto(f"{quay.url}/p/forge")
        await expect(page.locator(".row")).to_contain_text(f"127.0.0.1:{server.port}/cranes · trunk")
        await expect(page.get_by_role("img", name="Git repository")).to_be_visible()
