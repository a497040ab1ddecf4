"""What somebody does at the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

_RECORD = """() => {
  window.seen = [];
  const look = () => {
    const article = document.querySelector("article.import");
    if (!article) return;
    const bar = article.querySelector(".lead progress");
    const now = {
      state: article.querySelector(".pill").dataset.state,
      fraction: Number(article.dataset.fraction),
      shown: article.querySelector(".lead output").textContent,
      max: bar.max,
      value: bar.hasAttribute("value") ? bar.value : null,
    };
    const last = window.seen.at(-1);
    if (JSON.stringify(last) !== JSON.stringify(now)) window.seen.push(now);
  };
  const everything = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(look).observe(document.body, everything);
  look();
}"""


@dataclass(frozen=True)
class Sight:
    """What the head of an import showed at one moment."""

    state: str
    fraction: float
    shown: str
    max: float
    value: float | None


async def hand_over(page: Page, folder: Path, project: str, name: str | None = None) -> None:
    """Choose a library's folder and start its import; ends on the import's own view."""
    await page.set_input_files("#choose-folder", folder)
    if name is not None:
        await page.get_by_label("Name of the library").fill(name)
    await page.locator("#upload-project").fill(project)
    await page.get_by_role("button", name="Start import").click()
    await expect(page.locator("article.import")).to_be_visible()


async def begin_recording(page: Page) -> None:
    await page.evaluate(_RECORD)


async def recorded(page: Page) -> list[Sight]:
    found: list[dict[str, Any]] = await page.evaluate("window.seen")
    return [Sight(**sight) for sight in found]


async def expect_state(page: Page, *states: str) -> None:
    chosen = ", ".join(f'article.import .lead .pill[data-state="{state}"]' for state in states)
    await expect(page.locator(chosen)).to_be_visible(timeout=90_000)  # on a machine that is busy with other tests


async def expect_link(page: Page, kind: str, timeout_ms: float = 30_000) -> None:
    await expect(page.locator(f'.link[data-link="{kind}"]')).to_be_visible(timeout=timeout_ms)


async def act(page: Page, action: str) -> None:
    await page.locator(f'button[data-action="{action}"][aria-disabled="false"]').click()
