"""The closing report: what the import brought, what it could not bring and why, and where to look."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from longshore.cli import wording
from longshore.cli.asking import DEFAULT_PROJECT
from longshore.cli.client import Api, import_path
from longshore.cli.naming import command
from longshore.cli.output import clean
from longshore.cli.resources import Import, Item

SHOWN = 12
PAGE = 1000
EXAMPLES = 20
EXAMPLE_WORDS = 6
LEAD_ON = re.compile(r"(an?|and|as|at|by|des?|die|for|from|in|is|its|la|le|of|on|or|the|to|und|with)", re.IGNORECASE)
"""Words that others must follow."""
HEADLINES = {
    "succeeded": ("✓", "green", "Imported"),
    "partially_succeeded": ("✓", "yellow", "Imported, but not everything could be read"),
    "failed": ("✗", "red", "The import failed"),
    "cancelled": ("–", "yellow", "The import was cancelled; what was committed is kept"),
}


@dataclass(frozen=True)
class Trouble:
    """One thing that could not be brought as it should; `grave` if it failed, else a warning."""

    title: str
    file: str
    why: str
    grave: bool


@dataclass(frozen=True)
class Findings:
    """What the items of a closed import tell."""

    troubles: list[Trouble]
    example: str | None
    """Title of a document to search for."""


async def items_of(
    api: Api, resource: Import, state: str | None = None, code: str | None = None, problems: bool = False
) -> AsyncIterator[Item]:
    """The items of an import, page by page.

    Args:
        problems: Only those that something is the matter with.
    """
    path, token = import_path(resource["project"], resource["id"]) + "/items", None
    chosen = {"state": state, "code": code, "problems": "true" if problems else None}
    while True:
        page = await api.get(path, **chosen, page_size=PAGE, page_token=token)
        for item in page["items"]:
            yield cast(Item, item)
        if not (token := page.get("next_page_token")):
            return


async def look_into(api: Api, resource: Import) -> Findings:
    """Gathers the failures, the warnings and an example, and reads no other items."""
    troubles: list[Trouble] = []
    counts = resource["items"]
    if counts["failed"] or counts["skipped"] or resource["attachments_failed"] or resource["warnings"]:
        async for item in items_of(api, resource, problems=True):
            troubles += troubles_of(item)
    return Findings(troubles, await _example(api, resource))


async def _example(api: Api, resource: Import) -> str | None:
    path = import_path(resource["project"], resource["id"]) + "/items"
    for state in ("done", "unchanged"):
        page = await api.get(path, state=state, page_size=EXAMPLES)
        for item in page["items"]:
            if item["document_id"] and item["change"] != "removed" and clean(item["title"]):
                return clean(item["title"])
    return None


def troubles_of(item: Item) -> list[Trouble]:
    """What went wrong with an item and with each of its attachments."""
    found: list[Trouble] = []
    title = clean(item["title"]) or item["key"]
    for attachment in item["attachments"]:
        if attachment["code"] or attachment["state"] == "failed":
            why = attachment["detail"] or attachment["code"] or "no reason was recorded"
            name = attachment["path"] or attachment["title"] or ""
            name = "" if name in why else name
            found.append(Trouble(title, clean(name), clean(why), attachment["state"] == "failed"))
    if item["state"] in ("failed", "skipped") and item["code"] not in {a["code"] for a in item["attachments"]}:
        why = item["detail"] or item["code"] or "no reason was recorded"
        found.insert(0, Trouble(title, "", clean(why), item["state"] == "failed"))
    return found


def render(resource: Import, findings: Findings, reconnects: int) -> RenderableType:
    """The report as it is shown in a terminal or a log."""
    parts: list[RenderableType] = [_headline(resource), Text()]
    if resource["graph"]:
        parts += [_graph(resource), Text()]
    parts += [Text(_items_sentence(resource)), Text(_interruptions(resource, reconnects), "dim")]
    if resource.get("tokens"):
        paid = f"cost {resource.get('cost', 0):.4f}"
        parts.append(Text(f"Providers counted {resource['tokens']:,} tokens, {paid}.", "dim"))
    parts += [Text(clean(told), "yellow") for told in wording.fallbacks(resource)]
    if resource["follow_up"]:
        parts.append(Text(f"A newer submission of this source follows: {resource['follow_up']}"))
    parts += _troubles(resource, findings.troubles)
    parts += _without_facts(resource)
    parts += _without_vectors(resource)
    return Padding(Group(*parts), (1, 2, 0, 2), expand=False)


def _headline(resource: Import) -> Text:
    mark, style, words = HEADLINES.get(resource["state"], ("•", "", wording.STATES.get(resource["state"], "")))
    name = clean(resource["source"]["name"])
    line = Text.assemble(
        (f"{mark} ", style), (words, f"bold {style}"), "  ", (name, "bold"), f" → {resource['project']}"
    )
    if took := wording.took(resource):
        line.append(f"  in {took}", "dim")
    if resource["state"] in ("failed", "cancelled") and (why := resource["reason"] or resource["last_error"]):
        line.append(f"\n  {clean(why['message'])}", style)
    return line


def _graph(resource: Import) -> Table:
    graph = resource["graph"]
    table = Table.grid(padding=(0, 4, 0, 0))
    numbers, names = [], []
    for name in ("documents", "chunks", "concepts", "edges"):
        numbers.append(Text(f"{graph[name] if graph else 0:,}", "bold cyan"))
        names.append(Text(name, "dim"))
    table.add_row(*numbers)
    table.add_row(*names, Text(f"in {resource['project']}", "dim"))
    return table


def _items_sentence(resource: Import) -> str:
    items = resource["items"]
    order = ("added", "changed", "unchanged", "duplicate", "skipped", "failed")
    parts = [f"{items[name]:,} {name}" for name in order if items[name]]  # type: ignore[literal-required]
    sentence = f"{wording.counted(items['total'], 'item')}" + (f": {', '.join(parts)}" if parts else "")
    renamed = items.get("renamed", 0)
    told = f", {renamed:,} of them renamed" if renamed else ""
    return sentence + (f"; {items['removed']:,} removed{told}" if items["removed"] else "")


def _interruptions(resource: Import, reconnects: int) -> str:
    repeated = resource["interruptions"]
    if repeated:
        steps = wording.counted(repeated, "step")
        sentence = f"Interrupted: {steps} had to be tried again; what was finished before was not done twice."
    else:
        sentence = "Not interrupted; nothing had to be done twice."
    if reconnects:
        times = wording.counted(reconnects, "time")
        sentence += f" This command lost its connection {times}, which the import did not notice."
    return sentence


def _troubles(resource: Import, troubles: list[Trouble]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for grave, name, mark, style in ((True, "Failed", "✗", "red"), (False, "Warnings", "!", "yellow")):
        found = [trouble for trouble in troubles if trouble.grave is grave]
        if not found:
            continue
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=1)
        table.add_column(max_width=40)
        table.add_column()
        for trouble in found[:SHOWN]:
            why = Text(trouble.why)
            if trouble.file:
                why.append(f"  {trouble.file}", "dim")
            table.add_row(Text(mark, style), Text(trouble.title, no_wrap=True, overflow="ellipsis"), why)
        parts += [Text(), Text(f"{name} ({len(found):,})", "bold"), table]
        if len(found) > SHOWN:
            state = " --state failed" if grave else " --problems"
            all_of_them = command(f"items {resource['id']} --project {resource['project']}{state}")
            parts.append(Text(f"  and {len(found) - SHOWN:,} more: {all_of_them}", "dim"))
    return parts


def _without_facts(resource: Import) -> list[RenderableType]:
    told = [Text(f"! {clean(line)}", "yellow") for line in wording.without_facts(resource)]
    if not told:
        return []
    return [Text(), *told, Text("  The same import with --re-extract asks about them again.", "dim")]


def _without_vectors(resource: Import) -> list[RenderableType]:
    told = wording.without_vectors(resource)
    if told is None:
        return []
    way_on = "  The same import with --re-embed asks for these alone."
    return [Text(), Text(f"! {clean(told)}", "yellow"), Text(way_on, "dim")]


def _query(title: str) -> str:
    """The first words of a title, as someone would search for them: not broken off at an article or a colon."""
    words = re.findall(r"\w+(?:['’.-]\w+)*", title)[:EXAMPLE_WORDS]
    while len(words) > 1 and LEAD_ON.fullmatch(words[-1]):
        words.pop()
    return " ".join(words)


def where_to_look(resource: Import, findings: Findings, api_url: str) -> Text:
    """The commands and addresses to go on with, one on each line."""
    named = f"{resource['id']} --project {resource['project']}"
    rows: list[tuple[str, str]] = []
    if words := _query(findings.example or ""):
        project = "" if resource["project"] == DEFAULT_PROJECT else f" --project {resource['project']}"
        rows.append(("Search", command(f'search "{words}"{project}')))
    if resource["state"] == "failed" or any(trouble.grave for trouble in findings.troubles):
        rows.append(("Try again", command(f"retry {named}")))
    rows.append(("Import", command(f"show {named}")))
    rows.append(("API", api_url + import_path(resource["project"], resource["id"])))
    if ui := resource["links"].get("temporal_ui"):
        rows.append(("Temporal", ui))
    return Text("\n").join(Text.assemble("  ", (f"{name:<11}", "dim"), where) for name, where in rows)
