"""The table of what was tried, as Markdown."""

from __future__ import annotations

import re
import statistics
import textwrap
from collections.abc import Sequence
from pathlib import Path

from tests.faults.trials import Row

BEGIN, END = "<!-- measured: written by `make faults` -->", "<!-- end of what was measured -->"
_HEAD = """\
| fault | what is done | tries | survived | steps redone | seconds to recover | seconds until told |
| --- | --- | --: | --: | --: | --: | --: |"""


def table(rows: Sequence[Row]) -> str:
    """Redone steps and seconds stand as the median and, where they differ, the most."""
    return "\n".join([_HEAD, *map(_line, rows)])


def is_red(row: Row) -> bool:
    """Whether something was not survived, or nothing was tried and nobody said why."""
    return bool(row.red) or not (row.tries or row.unable or row.fault.absent)


def write_into(page: Path, measured: str) -> None:
    """Put new lines where those of the same faults stand between the marks; those of others stay.

    Args:
        measured: A table, and a paragraph that says when and where it was measured.

    Raises:
        ValueError: if the page has no such marks.
    """
    text = page.read_text()
    head, begin, rest = text.partition(BEGIN)
    before, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} has no place for what was measured")
    lines = {**_by_fault(before), **_by_fault(measured)}
    table = "\n".join([_HEAD, *(lines[fault] for fault in sorted(lines))])
    said = measured.rpartition("\n\n")[2]
    page.write_text(f"{head}{BEGIN}\n\n{table}\n\n{textwrap.fill(said, 120)}\n\n{END}{tail}")


def slowest(rows: Sequence[Row]) -> str:
    """What took how long, if it was tried in one lane."""
    took = sorted(((row.seconds, row.fault.id) for row in rows), reverse=True)
    return "Seconds: " + ", ".join(f"{fault} {seconds:.0f}" for seconds, fault in took if seconds >= 1)


def _by_fault(text: str) -> dict[str, str]:
    return {line[2:5]: line for line in text.splitlines() if re.match(r"\| F\d\d \|", line)}


def _line(row: Row) -> str:
    if not row.tries:
        reason = row.fault.absent or "; ".join(dict.fromkeys(row.unable)) or "nothing was tried"
        return f"| {row.fault.id} | {row.fault.title} | not run here: {reason} | | | | |"
    title = row.fault.title
    if row.unable:
        title += f" (not run here: {'; '.join(dict.fromkeys(row.unable))})"
    outcomes = row.outcomes
    survived = f"{row.survived}" if not row.red else f"**{row.survived}: red**"
    return (
        f"| {row.fault.id} | {title} | {row.tries} | {survived} | "
        f"{_spread([outcome.redone for outcome in outcomes], 0)} | "
        f"{_spread([outcome.recovery_s for outcome in outcomes], 1)} | "
        f"{_spread([outcome.told_s for outcome in outcomes], 1)} |"
    )


def _spread(measured: Sequence[float | None], digits: int) -> str:
    values = [value for value in measured if value is not None]
    if not values:
        return ""
    middle, most = f"{statistics.median(values):.{digits}f}", f"{max(values):.{digits}f}"
    return middle if middle == most else f"{middle}, at most {most}"
