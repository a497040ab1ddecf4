"""`python -m bench`: run everything once, print one table. It fails only where an import does, or graphs differ."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from bench import cargo, runs
from bench.corpus import make_catalogue, make_library
from bench.limited import limited
from bench.report import report
from bench.runs import Recovery, Run
from bench.stand import Stand, open_stand
from workflows.contracts import Submission

CATALOGUE = 5120
CITED = 320
WORKERS = (1, 4)
PATIENCE_S = 600

T = TypeVar("T")


async def main() -> int:
    load, _, _ = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="longshore-bench-") as folder:
        library, catalogue = Path(folder) / "library", Path(folder) / "catalogue"
        _say("writing the library")
        make_library(library)
        make_catalogue(catalogue, CATALOGUE)
        async with open_stand() as stand:
            papers, entries = await stand.hand_over(library), await stand.hand_over(catalogue)
            plain: list[Run] = []
            durable: list[Run] = []
            for how, kept in (runs.plain, plain), (runs.durable, durable), (runs.durable, durable), (runs.plain, plain):
                kept.append(await _bounded(stand, f"import {len(plain + durable) + 1} of 4", how(stand, papers)))
            recovery = await _bounded(stand, "killing the worker", runs.recovery(stand, papers))
            engine = await _bounded(stand, "the engine alone", runs.twice(stand, entries, "bench.engine"))
            paid = [
                await _bounded(stand, f"a provider with a limit, {workers} at work", limited(stand, cited, workers))
                for cited in [await _cited(stand)]
                for workers in WORKERS
            ]
            kinds = {kind: await _bounded(stand, kind, runs.twice(stand, each)) for kind, each in await _cargo(stand)}
    measured: list[Run | Recovery] = [*plain, *durable, recovery]
    equal = len({run.digest for run in measured}) == 1
    print(report(plain, durable, recovery, engine, paid, kinds, equal, load))
    failed = [
        record
        for record in (
            *(run.record for run in (*measured, *paid)),
            *(record for both in (engine, *kinds.values()) for record in (both.first, both.again)),
        )
        if record.state != "succeeded"
    ]
    for record in failed:
        _say(f"import {record.import_id} {record.state}: {record.reason}")
    return 0 if equal and not failed else 1


async def _cited(stand: Stand) -> Submission:
    """What a provider embeds: entries that are read in no time."""
    path = stand.home / "cited" / "cited.bib"
    cargo.make_bibliography(path, CITED)
    return await stand.hand_over(path)


async def _cargo(stand: Stand) -> list[tuple[str, Submission]]:
    """What else there is to import, by what it is."""
    notes, letters = stand.home / "notes", stand.home / "letters"
    bibliography, repository = stand.home / "references" / "references.bib", stand.home / "repository"
    cargo.make_notes(notes)
    cargo.make_letters(letters)
    cargo.make_bibliography(bibliography)
    cargo.make_repository(repository)
    return [
        ("Markdown, text, HTML, JSON", await stand.hand_over(notes)),
        ("Word documents", await stand.hand_over(letters)),
        ("BibTeX entries with abstracts", await stand.hand_over(bibliography)),
        ("git repository, Python and Markdown", stand.name_repository(repository)),
    ]


async def _bounded(stand: Stand, what: str, run: Awaitable[T]) -> T:
    """A run, given up where it takes too long: the engine tries a workflow that has a bug for ever."""
    _say(what)
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await run
    except TimeoutError as error:
        raise RuntimeError(f"{what} took more than {PATIENCE_S} s; the end of the log:\n{stand.log_end()}") from error


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
