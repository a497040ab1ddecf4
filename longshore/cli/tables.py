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
from longshore.cli.naming import command, runnable
from longshore.cli.output import clean
from longshore.cli.report import troubles_of
from longshore.cli.resources import TERMINAL, Hit, Import, Item, ListedProject, ListedSource

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
MODES = {"undo": "undo", "remove": "removal"}
"""What stands in place of the number of items where an import brings none."""
SHORTEST_WORD = 2
EXCERPT = 400
"""Characters of a passage that are shown."""


def imports(found: Sequence[Import]) -> Text:
    """A line for each import, its id last, and under it why it waits or failed."""
    if not found:
        return Text(f"No imports yet. Begin with: {command('import PATH')}")
    now = datetime.now(UTC)
    rows = [[Text(heading, "dim") for heading in ("State", "", "Items", "Begun", "Project", "Import")]]
    rows += [_import_cells(resource, now) for resource in found]
    widths = [max(row[column].cell_len for row in rows) for column in range(len(rows[0]) - 1)]
    lines = [_line(rows[0], widths)]
    for resource, row in zip(found, rows[1:], strict=True):
        lines.append(_line(row, widths))
        why = wording.reason(resource["reason"], now) if resource["state"] != "running" else ""
        notes = (clean(why), *wording.ways_on(resource))
        lines += [Text(f"   {note}", STATE_STYLES.get(resource["state"], "")) for note in notes if note]
    return Text("\n").join(lines)


def _import_cells(resource: Import, now: datetime) -> list[Text]:
    state = resource["state"]
    begun = wording.moment(resource["created_at"] or resource["started_at"])
    return [
        Text(wording.STATES.get(state, state), STATE_STYLES.get(state, "")),
        Text("" if state in TERMINAL else wording.percent(resource)),
        Text(MODES.get(resource.get("mode", "import")) or f"{resource['items']['total']:,}"),
        Text(wording.ago(begun, now) if begun else "", "dim"),
        Text(resource["project"]),
        Text(resource["id"]),
    ]


def _line(cells: Sequence[Text], widths: Sequence[int]) -> Text:
    padded = [cell + " " * (width - cell.cell_len) for cell, width in zip(cells, widths, strict=False)]
    return Text("  ").join([*padded, cells[-1]])


def projects(found: Sequence[ListedProject]) -> RenderableType:
    """A row for each project, with what it holds."""
    if not found:
        return Text("No projects yet. The first import into one makes it: longshore import PATH --project P")
    table = _table("Project", "Name", "Documents", "Sources", "")
    for project in found:
        running = f"{wording.counted(project['running'], 'import')} running" if project["running"] else ""
        table.add_row(
            project["project"],
            "" if project["name"] == project["project"] else Text(clean(project["name"])),
            f"{project['documents']:,}",
            f"{project['sources']:,}",
            Text("being deleted", "yellow") if project["deleting"] else Text(running, "cyan"),
        )
    return Padding(table, (0, 1), expand=False)


def sources(found: Sequence[ListedSource], project: str) -> RenderableType:
    """A row for each source, with how its last import ended."""
    if not found:
        return Text(f"Nothing has been imported into {project}. Begin with: longshore import PATH --project {project}")
    table = _table("Source", "Name", "Items", "Last import", "")
    for source in found:
        last = source["last_import"]
        state = last["state"] if last else ""
        table.add_row(
            source["key"],
            Text(clean(source["name"])),
            f"{source['items']:,}",
            Text(wording.STATES.get(state, state), STATE_STYLES.get(state, "")),
            Text(last["id"] if last else "", "dim"),
        )
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
        return Text(runnable(f"Nothing in {project} matches. `longshore imports` shows what has been imported."))
    parts: list[RenderableType] = []
    for number, hit in enumerate(found, 1):
        about = [_authors(hit["authors"]), str(hit["year"] or ""), *_place(hit)]
        heading = Text.assemble((f"{number:>2}  ", "dim"), (clean(hit["title"]) or "Untitled", "bold"))
        parts.append(heading)
        if line := ", ".join(part for part in about if part):
            parts.append(Padding(Text(line, "dim"), (0, 0, 0, 4), expand=False))
        parts.append(Padding(_marked(clean(hit["text"]), query), (0, 0, 1, 4), expand=False))
    return Padding(Group(*parts), (1, 2, 0, 1), expand=False)


def _place(hit: Hit) -> list[str]:
    """Where in its document a passage stands. An API of an earlier version tells the page alone."""
    first, last = hit.get("first_line"), hit.get("last_line")
    lines = f"line {first}" if first == last else f"lines {first}-{last}"
    return [
        f"p. {hit['page']}" if hit["page"] else "",
        clean(hit.get("heading") or ""),
        lines if first else "",
    ]


def _authors(names: Sequence[str]) -> str:
    return clean(names[0]) + " and others" if len(names) > 3 else clean(", ".join(names))


def _marked(text: str, query: str) -> Text:
    """The part of a passage around the first word of the query, with all of its words marked."""
    words = [_as_found(word) for word in re.findall(r"\w+", query) if len(word) >= SHORTEST_WORD]
    pattern = re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE) if words else None
    first = pattern.search(text) if pattern else None
    start = max(first.start() - EXCERPT // 3, 0) if first else 0
    end = start + EXCERPT
    passage = Text(("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else ""))
    if pattern:
        passage.highlight_regex(pattern, "bold cyan")
    return passage


def _as_found(word: str) -> str:
    """Korean particles follow a word without a space; elsewhere a word inside another is another word."""
    return re.escape(word) if re.search(r"[\u3131-\u318e\uac00-\ud7a3]$", word) else rf"{re.escape(word)}\b"


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading != "Title", overflow="fold")
    return table
