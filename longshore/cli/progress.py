"""The live view of an import in a terminal."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from longshore.cli import disk, wording
from longshore.cli.output import clean
from longshore.cli.resources import TERMINAL, Import, Stage
from longshore.cli.uploading import Freight

MARKS = {"pending": ("·", "dim"), "done": ("✓", "green"), "skipped": ("–", "dim"), "waiting": ("●", "yellow")}
BAR_WIDTH = 28


class LiveView:
    """Shows one import, redrawn in place, and leaves nothing behind when it ends."""

    def __init__(self, console: Console, title: str, detaches: str) -> None:
        self._title = clean(title)
        self._detaches = detaches
        self._now = "Looking at the files"
        self._freight: tuple[Freight, float] | None = None
        self._import: Import | None = None
        self._lost_at: float | None = None
        self._spinner = Spinner("dots", style="cyan")
        self._live = Live(console=console, get_renderable=self.render, refresh_per_second=8, transient=True)

    def __enter__(self) -> LiveView:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def note(self, text: str) -> None:
        self._now = clean(text)

    def say(self, text: str) -> None:
        """A line that stays above what moves."""
        self._live.console.print(Text("  " + clean(text), "dim"))

    def reading(self, read: int, size: int) -> None:
        self._now = f"Reading the files, {wording.size(read)} of {wording.size(size)}"

    def uploading(self, freight: Freight) -> None:
        self._freight = (freight, self._freight[1] if self._freight else time.monotonic())

    def submitted(self, submission: str, resource: Import) -> None:
        self._freight = None
        self._import = resource

    def progress(self, resource: Import) -> None:
        self._import = resource

    def lost(self, why: str) -> None:
        self._lost_at = self._lost_at or time.monotonic()

    def found(self) -> None:
        self._lost_at = None

    def render(self) -> RenderableType:
        resource = self._import
        self._spinner.update(text=_heading(self._title, resource, self._now))
        parts: list[RenderableType] = [self._spinner]
        if resource:
            parts += [Text(), stage_table(resource), Text(), *_where_it_stands(resource)]
            if self._lost_at is not None:
                away = wording.duration(time.monotonic() - self._lost_at)
                said = f"No answer from the API for {away}. The import does not depend on it; trying again."
                parts.append(Text(said, "yellow"))
            parts.append(Text(self._detaches, "dim"))
        elif self._freight and self._freight[0].files:
            parts += [Text(), _freight_row(*self._freight)]
        return Padding(Group(*parts), (1, 2, 0, 2), expand=False)


def still(resource: Import) -> RenderableType:
    """The same picture once, for an import that is looked at and not followed."""
    heading = _heading(clean(resource["source"]["name"]), resource, "")
    where = Text(f"{resource['project']} · {resource['id']}", "dim")
    parts = [heading, Text(), stage_table(resource), Text(), *_where_it_stands(resource), where]
    return Padding(Group(*parts), (1, 2, 1, 2), expand=False)


def _heading(title: str, resource: Import | None, now: str) -> Text:
    if resource is None:
        return Text.assemble((title, "bold"), "  ", (now, "dim"))
    state = resource["state"]
    style = {"waiting": "yellow", "paused": "yellow", "cancelling": "yellow", "failed": "red"}.get(state, "cyan")
    return Text.assemble((title, "bold"), "  ", (wording.STATES.get(state, state), style))


def _where_it_stands(resource: Import) -> list[RenderableType]:
    facts = [wording.percent(resource)]
    if resource["state"] == "running" and (left := wording.eta(resource["eta_range_s"])):
        facts.append(left)
    if resource["chunks"]:
        facts.append(wording.counted(resource["chunks"], "chunk"))
    if resource.get("tokens"):
        facts.append(wording.counted(resource["tokens"], "token"))
    if resource.get("cost"):
        facts.append(f"cost {resource['cost']:.4f}")
    if resource["attachments_failed"]:
        facts.append(f"{wording.counted(resource['attachments_failed'], 'file')} failed")
    lines: list[RenderableType] = [Text(" · ".join(facts))]
    lines += [Text(clean(told), "yellow") for told in wording.fallbacks(resource)]
    if why := wording.reason(resource["reason"], datetime.now(UTC)):
        lines.append(Text(clean(why), "yellow"))
        lines += [Text(f"  {command}", "yellow") for command in wording.ways_on(resource)]
    elif not resource["live"] and resource["state"] not in TERMINAL:
        lines.append(Text("No worker answers: this is the last that was known.", "yellow"))
    if low := disk.warning():
        lines.append(Text(low, "yellow"))
    return lines


def stage_table(resource: Import) -> Table:
    """A row for each stage: mark, name, bar, counts, rate."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(min_width=8, max_width=BAR_WIDTH, ratio=1)
    for _ in ("counts", "rate", "failed"):
        table.add_column(justify="right", no_wrap=True)
    for stage in resource["stages"]:
        if stage["state"] == "skipped" or stage["total"] == 0:
            continue
        waits = stage["state"] not in ("done", "skipped") and not wording.begun(stage, resource)
        mark, style = MARKS.get("pending" if waits else stage["state"], ("●", "cyan"))
        rate = wording.rate(stage["rate_per_s"]) if stage["state"] == "running" else ""
        failed = f"{stage['failed']:,} failed" if stage["failed"] else ""
        table.add_row(
            Text(mark, style),
            Text(wording.STAGES.get(stage["name"], stage["name"]), "dim" if waits else ""),
            _bar(stage),
            Text("" if waits else wording.progress_of(stage), "dim" if stage["state"] == "done" else ""),
            Text(rate, "cyan"),
            Text(failed, "red"),
        )
    return table


def _bar(stage: Stage) -> ProgressBar:
    total = stage["total"] if stage["total"] is not None else 0
    done = stage["state"] == "done"
    return ProgressBar(
        total=max(total, 1),
        completed=max(total, 1) if done else min(stage["done"], total),
        width=BAR_WIDTH,
        style="bright_black",
        complete_style="cyan",
        finished_style="green",
    )


def _freight_row(freight: Freight, since: float) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    speed = freight.sent / max(time.monotonic() - since, 0.1)
    table.add_row(
        Text("●", "cyan"),
        Text("Upload"),
        ProgressBar(max(freight.size, 1), freight.sent, BAR_WIDTH, style="bright_black", complete_style="cyan"),
        Text(f"{freight.files_sent:,}/{freight.files:,} files"),
        Text(f"{wording.size(freight.sent)} of {wording.size(freight.size)}"),
        Text(f"{wording.size(int(speed))}/s" if freight.sent else "", "cyan"),
    )
    return table
