"""Sources that are imported again: by the clock, when somebody pushes, and now."""

from __future__ import annotations

from pathlib import Path

import httpx2
from playwright.async_api import expect

from tests.sources.repositories import Upstream, serving
from tests.web.conftest import Visitor
from tests.web.quay import Quay
from tests.web.steps import expect_state


async def test_a_repository_is_scheduled_hooked_and_imported_again(
    visitor: Visitor, quay: Quay, tmp_path: Path
) -> None:
    await visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    upstream = Upstream.create(tmp_path / "cranes")
    upstream.put({"README.md": "# Cranes\n\nContainer cranes lift cargo.\n"})
    upstream.commit()
    page = await visitor.open(quay.url)
    with serving({"cranes": upstream.repo}) as server:
        await page.get_by_role("button", name="Name a repository").click()
        await page.get_by_label("Address of the repository").fill(server.url("cranes"))
        await page.get_by_label("Name of the source").fill("Cranes")
        await page.locator("#upload-project").fill("again")
        await page.get_by_role("button", name="Start import").click()
        await expect_state(page, "succeeded")

        await page.goto(f"{quay.url}/p/again/settings")
        summary = page.locator('[data-source="git.cranes"] summary')
        await expect(summary).to_have_text("Imported again: when somebody asks")
        await summary.focus()
        await page.keyboard.press("Enter")
        await page.get_by_label("When", exact=True).select_option("Again and again")
        await page.get_by_label("Every").fill("none")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("A whole number from 1.")).to_be_visible()
        await page.get_by_label("Every").fill("6")
        await page.get_by_label("Unit").select_option("hours")
        await page.get_by_label("Every").press("Enter")
        await expect(summary).to_contain_text("every 6 hours · next ")
        await page.get_by_label("When", exact=True).select_option("At certain times")
        await page.get_by_label("Cron expression").fill("61 3 * * *")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("Temporal does not take it")
        await page.get_by_label("Cron expression").fill("30 3 * * 1")
        await page.get_by_label("Time zone").fill("Asia/Seoul")
        await page.get_by_role("button", name="Save").click()
        await expect(summary).to_contain_text("at 30 3 * * 1 (Asia/Seoul) · next ")
        await page.reload()
        await expect(summary).to_contain_text("Asia/Seoul")
        await summary.click()
        await page.get_by_label("When", exact=True).select_option("Only when somebody asks")
        await page.get_by_role("button", name="Save").click()
        await expect(summary).to_have_text("Imported again: when somebody asks")

        await page.get_by_role("button", name="Show address and secret").click()
        path = "/v1/projects/again/sources/git.cranes/hook"
        async with httpx2.AsyncClient(base_url=quay.url) as http:
            hook = (await http.get(path)).json()
        await expect(page.locator(".hook")).to_contain_text(f"{quay.url}{hook['path']}")
        await expect(page.locator(".hook")).not_to_contain_text(hook["secret"])
        await page.get_by_role("button", name="Copy: Secret of the hook").click()
        await expect(page.get_by_text("Copied")).to_be_visible()
        assert await page.evaluate("navigator.clipboard.readText()") == hook["secret"]
        await page.get_by_role("button", name="Show: Secret of the hook").click()
        await expect(page.locator(".hook")).to_contain_text(hook["secret"])

        upstream.put({"tides.md": "# Tides\n\nTidal engines.\n"})
        upstream.commit()
        await page.get_by_role("button", name="Import again: Cranes").click()
        await page.get_by_text("This import reads it again:").get_by_role("link").click()
        await expect_state(page, "succeeded")
        await expect(page.locator(".lead .sentence")).to_contain_text("1 added, 1 unchanged")
