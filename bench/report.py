"""The table that `make bench` prints."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence

from bench.cargo import REPOSITORY_FILES
from bench.corpus import PAGES
from bench.limited import RPS, Limited
from bench.runs import Recovery, Run, Twice

_MB = 1 << 20


def report(
    plain: Sequence[Run],
    durable: Sequence[Run],
    recovery: Recovery,
    engine: Twice,
    paid: Sequence[Limited],
    kinds: Mapping[str, Twice],
    equal: bool,
    load: float,
) -> str:
    """The figures with their goals.

    Args:
        paid: With one worker and with several.
        kinds: By what was imported.
        load: Processes that competed for the processors before the run began; speeds mean little where there were any.
    """
    record = durable[0].record
    return "\n".join(
        [
            f"Longshore on {os.cpu_count()} processors, load {load:.1f} before it began, {platform.system()}, "
            f"Python {platform.python_version()}",
            f"{record.items.total} papers of {PAGES} pages, {record.graph.chunks:,} chunks, each time into a new "
            "database; of two runs the better, in brackets the other.",
            "",
            _row("", "plain script", "durable", "ratio", "goal"),
            *_compared("items/s", plain, durable, lambda run: run.record.items.total / run.seconds, best=max),
            *_compared("chunks/s", plain, durable, lambda run: run.record.graph.chunks / run.seconds, best=max),
            *_compared("seconds", plain, durable, lambda run: run.seconds, goal="<= 1.15"),
            *_compared("CPU s, children included", plain, durable, lambda run: run.cpu_s, goal="<= 1.15"),
            *_compared("CPU s of Temporal", plain, durable, lambda run: run.temporal_cpu_s, ratio=False),
            *_compared(
                "peak MB, children included",
                plain,
                durable,
                lambda run: run.peak_bytes / _MB,
                best=max,
                goal="< 512",
            ),
            "",
            _row("From kill -9 of the worker, mid-import, to", "", "", "seconds", "goal"),
            _row("  the next answer to `progress`", "", "", f"{recovery.answered_s:.1f}"),
            _row("  a further step completed", "", "", f"{recovery.progressed_s:.1f}", "< 6"),
            "",
            _row(f"The engine alone, {engine.first.items.total:,} items without files", "", "", "", "goal"),
            _row("  items/s", "", "", f"{engine.first.items.total / engine.first_s:.0f}", "> 250"),
            _row("  the same again, unchanged, s", "", "", f"{engine.again_s:.1f}", "< 3"),
            "",
            _row(f"Embedded by a provider of {RPS} requests/s", "one worker", "four workers", "", "goal"),
            *_limited(paid),
            "",
            _row("By kind", "files", "files/s", "again, s", "peak MB"),
            *(_kind(kind, both) for kind, both in kinds.items()),
            f"  An unchanged repository of {REPOSITORY_FILES:,} files is to be scanned again in less than 5 s.",
            "",
            f"The graphs of the papers, the interrupted import's included, are {'equal' if equal else 'NOT EQUAL'}.",
        ]
    )


def _limited(runs: Sequence[Limited]) -> list[str]:
    """What was lost against so many requests at that rate, which a burst in the beginning makes less than nothing."""
    lines: list[tuple[str, Callable[[Limited], str], str]] = [
        ("requests, and those refused", lambda run: f"{run.requests} + {run.refused}", ""),
        ("time lost, from the first to the last", lambda run: f"{run.lost:+.1%}", "< 5 %"),
        ("  without the first burst", lambda run: f"{run.lost_under_way:+.1%}", "< 5 %"),
        ("longest time without a request, s", lambda run: f"{run.longest_gap_s:.2f}", ""),
        ("reading before the first of them, s", lambda run: f"{run.before_s:.1f}", ""),
        ("writing and linking after the last, s", lambda run: f"{run.after_s:.1f}", ""),
    ]
    return [_row(f"  {name}", *(figure(run) for run in runs), "", goal) for name, figure, goal in lines]


def _kind(kind: str, both: Twice) -> str:
    items = both.first.items.total
    return _row(
        f"  {kind}",
        f"{items:,}",
        f"{items / both.first_s:.0f}",
        f"{both.again_s:.1f}",
        f"{both.peak_bytes / _MB:.0f}",
    )


def _compared(
    name: str,
    plain: Sequence[Run],
    durable: Sequence[Run],
    figure: Callable[[Run], float],
    best: Callable[[Sequence[float]], float] = min,
    goal: str = "",
    ratio: bool = True,
) -> list[str]:
    columns = [[figure(run) for run in runs] for runs in (plain, durable)]
    firsts = [best(values) for values in columns]
    texts = [
        f"{first:.1f} ({', '.join(f'{value:.1f}' for value in sorted(values) if value != first)})"
        for first, values in zip(firsts, columns, strict=True)
    ]
    return [_row(name, *texts, f"{firsts[1] / firsts[0]:.2f}" if ratio else "", goal)]


def _row(name: str, *cells: str) -> str:
    return f"{name:<44}" + "".join(f"{cell:>15}" for cell in cells)
