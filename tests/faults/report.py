"""The table of what was tried, as Markdown."""

from __future__ import annotations

import re
import statistics
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
    page.write_text(f"{head}{BEGIN}\n\n{table}\n\n{END}{tail}")


def _by_fault(text: str) -> dict[str, str]:
    return {line[2:5]: line for line in text.splitlines() if re.match(r"\| F\d\d \|", line)}


def _line(row: Row) -> str:
    if not row.tries:
        reason = row.fault.absent or "; ".join(dict.fromkeys(row.unable)) or "nothing was tried"
        return f"| {row.fault.id} | {row.fault.title} | not run here: {reason} | | | | |"
    title = row.fault.title
    if row.unable:
        title += f" (not run here: {'; '.join(dict.fromkeys(row.unable))})"
    survived = f"{row.survived}" if not row.red else f"**{row.survived}: red**"
    return (
        f"| {row.fault.id} | {title} | {row.tries} | {survived} | {_spread(row.redone, 0)} "
        f"| {_spread(row.recovery_s, 1)} | {_spread(row.told_s, 1)} |"
    )


def _spread(values: Sequence[float], digits: int) -> str:
    if not values:
        return ""
    middle, most = f"{statistics.median(values):.{digits}f}", f"{max(values):.{digits}f}"
    return middle if middle == most else f"{middle}, at most {most}"
