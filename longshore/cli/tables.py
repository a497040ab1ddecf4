"""Imports, items and passages as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from longshore.cli import wording
from longshore.cli.output import clean
from longshore.cli.report import troubles_of
from longshore.cli.resources import TERMINAL, Hit, Import, Item

STATE_STYLES = {
    "succeeded": "green",
    "partially_succeeded": "yellow",
    "failed": "red",
    "cancelled": "yellow",
    "waiting": "yellow",
    "paused": "yellow",
    "cancelling": "yellow",
    "queued": "dim",
    "running": "cyan",
}
SHORTEST_WORD = 2


def imports(found: Sequence[Import]) -> RenderableType:
    """A row for each import, and under it why it waits or failed."""
    if not found:
        return Text("No imports yet. Begin with: longshore import PATH")
    table = _table("State", "", "Items", "Begun", "Project", "Import")
    now = datetime.now(UTC)
    for resource in found:
        state = resource["state"]
        begun = wording.moment(resource["created_at"] or resource["started_at"])
        closed = state in TERMINAL
        table.add_row(
            Text(wording.STATES.get(state, state), STATE_STYLES.get(state, "")),
            Text("" if closed else wording.percent(resource)),
            Text(f"{resource['items']['total']:,}"),
            Text(wording.ago(begun, now) if begun else "", "dim"),
            Text(resource["project"]),
            Text(resource["id"], overflow="fold"),
        )
        if (why := wording.reason(resource["reason"], now)) and state != "running":
            table.add_row("", "", "", "", "", Text(clean(why), STATE_STYLES.get(state, "")))
        if command := wording.way_on(resource):
            table.add_row("", "", "", "", "", Text(command, "dim"))
    return Padding(table, (0, 1), expand=False)


def items(found: Sequence[Item]) -> RenderableType:
    """A row for each item, and under it what went wrong with it or with one of its files."""
    if not found:
        return Text("No items.")
    table = _table("State", "Change", "Title")
    for item in found:
        style = {"failed": "red", "skipped": "yellow", "pending": "dim"}.get(item["state"], "green")
        table.add_row(
            Text(item["state"], style), Text(item["change"], "dim"), Text(clean(item["title"]) or item["key"])
        )
        for trouble in troubles_of(item):
            why = Text(f"{trouble.why}  ", "red" if trouble.grave else "yellow")
            table.add_row("", "", why.append(trouble.file, "dim"))
    return Padding(Group(table, Text(wording.counted(len(found), "item"), "dim")), (0, 1), expand=False)


def hits(found: Sequence[Hit], query: str, project: str) -> RenderableType:
    """Each passage under the document it stands in, with the words of the query in bold."""
    if not found:
        return Text(f"Nothing in {project} matches. `longshore imports` shows what has been imported.")
    parts: list[RenderableType] = []
    for number, hit in enumerate(found, 1):
        about = [_authors(hit["authors"]), str(hit["year"] or ""), f"p. {hit['page']}" if hit["page"] else ""]
        heading = Text.assemble((f"{number:>2}  ", "dim"), (clean(hit["title"]) or "Untitled", "bold"))
        parts.append(heading)
        if line := ", ".join(part for part in about if part):
            parts.append(Padding(Text(line, "dim"), (0, 0, 0, 4), expand=False))
        parts.append(Padding(_marked(clean(hit["text"]), query), (0, 0, 1, 4), expand=False))
    return Padding(Group(*parts), (1, 2, 0, 1), expand=False)


def _authors(names: Sequence[str]) -> str:
    return clean(names[0]) + " and others" if len(names) > 3 else clean(", ".join(names))


def _marked(text: str, query: str) -> Text:
    passage = Text(text)
    words = [re.escape(word) for word in re.findall(r"\w+", query) if len(word) >= SHORTEST_WORD]
    if words:
        passage.highlight_regex(rf"(?i)\b({'|'.join(words)})", "bold cyan")
    return passage


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading not in ("Import", "Title"), overflow="fold")
    return table
