"""Comparisons as a person reads them: a board of steps, a table of measures, and a plot with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from longshore.cli.naming import command
from longshore.cli.output import clean
from longshore.cli.resources import Json

WIDTH = 40
"""Columns of the plot, from 0 to 1."""
_MEASURES = {"recall_1": "recall@1", "recall_10": "recall@10", "mrr": "MRR", "ndcg_10": "nDCG@10"}
_KINDS = {
    "title": "title → document",
    "sentence": "sentence → passage",
    "sentence-document": "sentence → document",
    "given": "your questions",
}
_LANGUAGES = {"en": "English", "ko": "Korean", "other": "other"}
_STEP_STYLES = {"done": "green", "running": "cyan", "failed": "red", "cancelled": "yellow", "pending": "dim"}
_STRUCTURE: dict[str, str] = {
    "documents": "documents",
    "passages": "passages",
    "concepts": "concepts",
    "edges": "edges",
    "components": "components",
    "orphans": "orphans",
}
_Cell = Callable[[Json], str]


def listed(found: Sequence[Json], project: str) -> RenderableType:
    if not found:
        return Text(f"No comparisons in {project}. Begin with: {command('compare PATH --variants FILE')}")
    table = _table("Comparison", "State", "Source", "Variants", "Served")
    for one in found:
        names = ", ".join(f"{variant['name']} {variant['state']}" for variant in one["variants"])
        table.add_row(one["id"], one["state"], Text(clean(one["name"])), names, one["promoted"] or "")
    return Padding(table, (0, 1), expand=False)


def shown(one: Json) -> RenderableType:
    """The board, and the measures of all variants that are done."""
    heading = Text.assemble(
        (clean(one["name"]), "bold"),
        f"  {one['id']}  ",
        (one["state"].replace("_", " "), "bold"),
        f"  {one['questions']} questions" if one["questions"] else "",
        "" if one["live"] else "  (no worker answers; steps may have come further)",
    )
    parts: list[RenderableType] = [heading, _board(one)]
    measured = [variant for variant in one["variants"] if variant["measures"]["retrieval"]]
    if measured:
        parts += [Text(), _retrieval(measured), *_plots(measured)]
    parts += [table for table in (_facts(one["variants"]),) if table]
    if one["promoted"]:
        parts.append(Text(f"{one['project']} serves {one['promoted']}.", "green"))
    elif any(variant["state"] == "succeeded" for variant in one["variants"]):
        way = command(f"compare promote {one['id']} VARIANT --project {one['project']}")
        parts += [Text(), Text(f"Serve one of them:  {way}")]
    return Padding(Group(*parts), (0, 1), expand=False)


def _board(one: Json) -> RenderableType:
    table = _table("Variant", "Settings", *(step["name"] for step in one["variants"][0]["steps"]))
    for variant in one["variants"]:
        cells = []
        for step in variant["steps"]:
            said = step["state"]
            if step["state"] == "running" and step["name"] == "import" and variant["progress"] is not None:
                said = f"{variant['progress']:.0%}"
            if step["attempt"] > 1:
                said += f" ({step['attempt']})"
            cells.append(Text(said, _STEP_STYLES[step["state"]]))
        table.add_row(Text(variant["name"]), Text(_settings(variant["settings"]), "dim"), *cells)
    reasons = [
        Text(f"{variant['name']}, {step['name']}: {clean(step['reason']['message'])}", "red")
        for variant in one["variants"]
        for step in variant["steps"]
        if step["reason"]
    ]
    return Group(table, *reasons)


def _settings(settings: Json) -> str:
    return " ".join(f"{name}={value}" for name, value in settings.items() if name != "name" and value is not None)


def _retrieval(measured: Sequence[Json]) -> RenderableType:
    """A row for each group of questions and measure, a column for each variant."""
    table = _table("Questions", "", *(variant["name"] for variant in measured))
    for kind, language, questions in _groups(measured):
        label = f"{_KINDS[kind]}, {_LANGUAGES[language]} ({questions})"
        for name, title in _MEASURES.items():
            found = [_measure(variant, kind, language, name) for variant in measured]
            best = max((one["value"] for one in found if one), default=None)
            cells = [
                Text(_interval(one), "bold" if one and one["value"] == best else "") if one else Text("")
                for one in found
            ]
            table.add_row(Text(label if name == "recall_1" else "", "dim"), title, *cells)
    return table


def _plots(measured: Sequence[Json]) -> Iterable[RenderableType]:
    """nDCG@10 of each variant as a point on a line from 0 to 1, with its interval."""
    width = max(len(variant["name"]) for variant in measured)
    for kind, language, _ in _groups(measured):
        yield Text(f"\nnDCG@10, {_KINDS[kind]}, {_LANGUAGES[language]}", "dim")
        for variant in measured:
            if found := _measure(variant, kind, language, "ndcg_10"):
                yield Text(f"{variant['name']:>{width}} 0 {line(found)} 1")


def line(estimate: Json) -> str:
    """A point with its interval: `····─●──····`."""
    low, value, high = (round(estimate[name] * (WIDTH - 1)) for name in ("low", "value", "high"))
    return "".join("●" if at == value else "─" if low <= at <= high else "·" for at in range(WIDTH))


def _facts(variants: Sequence[Json]) -> RenderableType | None:
    """Size, shape and cost."""
    shaped = [variant for variant in variants if variant["measures"]["structure"]]
    if not shaped:
        return None
    table = _table("Graph and cost", *(variant["name"] for variant in shaped))
    rows: dict[str, _Cell] = {
        title: (lambda measures, name=name: f"{measures['structure'][name]:,}")  # type: ignore[misc]
        for name, title in _STRUCTURE.items()
    }
    rows |= {
        "largest component": lambda measures: f"{measures['structure']['largest_share']:.1%}",
        "mentions borne out": lambda measures: f"{measures['structure']['evidence']:.1%}",
        "tokens": lambda measures: f"{measures['cost']['tokens']:,}" if measures["cost"] else "",
        "money": lambda measures: f"{measures['cost']['money']:g}" if measures["cost"] else "",
        "stored": lambda measures: f"{measures['cost']['bytes'] / 1e6:.1f} MB" if measures["cost"] else "",
        "import": lambda measures: f"{measures['cost']['seconds']:.0f} s" if measures["cost"] else "",
        "items failed": lambda measures: f"{measures['cost']['failed']:,}" if measures["cost"] else "",
    }
    for title, cell in rows.items():
        table.add_row(Text(title, "dim"), *(cell(variant["measures"]) for variant in shaped))
    return Group(Text(), table)


def _groups(measured: Sequence[Json]) -> list[tuple[str, str, int]]:
    """Kind, language and number of the questions, in a fixed order."""
    found = {
        (group["kind"], group["language"]): group["questions"]
        for variant in measured
        for group in variant["measures"]["retrieval"]["groups"]
    }
    order = sorted(found, key=lambda key: (list(_KINDS).index(key[0]), list(_LANGUAGES).index(key[1])))
    return [(*key, found[key]) for key in order]


def _measure(variant: Json, kind: str, language: str, name: str) -> Json | None:
    for group in variant["measures"]["retrieval"]["groups"]:
        if (group["kind"], group["language"]) == (kind, language):
            found: Json = group["measures"][name]
            return found
    return None


def _interval(estimate: Json) -> str:
    return f"{estimate['value']:.3f}  [{estimate['low']:.3f}, {estimate['high']:.3f}]"


def _table(*headings: Any) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True, overflow="fold")
    return table
