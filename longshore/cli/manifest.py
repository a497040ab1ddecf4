"""The plan of an import as a person reads it."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from longshore.cli import wording
from longshore.cli.naming import command
from longshore.cli.ordering import Order
from longshore.cli.output import clean
from longshore.cli.resources import ItemCounts
from longshore.codes import CODES


class Sample(TypedDict):
    code: str
    count: int
    examples: list[str]


class Revision(TypedDict):
    commit: str
    name: NotRequired[str | None]


class Preview(TypedDict):
    revision: Revision | None
    items: ItemCounts
    files: int
    bytes: int
    chunks: int
    tokens: int
    cost: NotRequired[float | None]
    left_out: list[Sample]
    duplicates: list[str]
    removed: list[str]
    needs_approval: bool


def render(order: Order, preview: Preview) -> RenderableType:
    """Counts, sizes, what is left out and why, and how to go on."""
    parts: list[RenderableType] = [_headline(order, preview), Text(), _numbers(preview), Text(_sizes(preview))]
    parts += _samples("Left out", _left_out(preview["left_out"]))
    parts += _samples(
        "Duplicates",
        [(preview["items"]["duplicate"], "The same work is in the source twice.", preview["duplicates"])],
    )
    parts += _samples("Removed", [(preview["items"]["removed"], "The source no longer has it.", preview["removed"])])
    parts += [Text(), Text(_closing(preview))]
    return Padding(Group(*parts), (1, 2, 1, 2), expand=False)


def _headline(order: Order, preview: Preview) -> Text:
    line = Text.assemble("Plan of ", (clean(order.source["name"]), "bold"), f" → {order.project}")
    if revision := preview["revision"]:
        line.append(f"  at {revision['commit'][:12]}", "dim")
    return line.append("  nothing was done", "dim")


def _numbers(preview: Preview) -> Table:
    table = Table.grid(padding=(0, 4, 0, 0))
    counts = preview["items"]
    shown = [name for name in ("added", "changed", "removed", "unchanged", "duplicate", "skipped") if counts[name]]
    names = ("total", *shown)
    table.add_row(*(Text(f"{counts[name]:,}", "bold cyan") for name in names))  # type: ignore[literal-required]
    table.add_row(*(Text("items" if name == "total" else name, "dim") for name in names))
    return table


def _sizes(preview: Preview) -> str:
    if not preview["files"] and not preview["chunks"]:
        return "Nothing is to be read."
    files = f"{wording.counted(preview['files'], 'file')} to read, {wording.size(preview['bytes'])}"
    cost = preview.get("cost")
    paid = f", for which providers would be paid about {cost:,.2f}" if cost else ""
    texts = f"{wording.counted(preview['chunks'], 'chunk')} and {preview['tokens']:,} tokens"
    return f"{files}; by estimate {texts}{paid}."


def _left_out(samples: list[Sample]) -> list[tuple[int, str, list[str]]]:
    return [
        (
            sample["count"],
            CODES[sample["code"]].text if sample["code"] in CODES else sample["code"],
            sample["examples"],
        )
        for sample in samples
    ]


def _samples(heading: str, rows: list[tuple[int, str, list[str]]]) -> list[RenderableType]:
    rows = [row for row in rows if row[0]]
    if not rows:
        return []
    table = Table.grid(padding=(0, 2, 0, 0))
    for count, why, examples in rows:
        named = ", ".join(clean(example) for example in examples)
        more = ", …" if count > len(examples) else ""
        table.add_row(Text(f"{count:,}", justify="right"), Text(why), Text(f"{named}{more}", "dim"))
    return [Text(), Text(heading, "bold"), table]


def _closing(preview: Preview) -> str:
    if preview["needs_approval"]:
        return f"The import would wait for {command('approve')}, for it would remove much."
    return f"To do it, run {command('import')} with the same words; with --ask it waits for a yes first."
