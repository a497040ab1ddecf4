"""Faults that other tests try already: they are run, and counted by the test."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from tests.faults.bench import Bench
from tests.faults.invariants import demand
from tests.faults.passage import REPOSITORY
from tests.faults.trials import Outcome, Trial, Trials


def tests(*paths: str) -> Trials:
    """The tests of these files, as one trial each.

    Args:
        paths: below `tests`, as pytest takes them.
    """

    def trials(bench: Bench) -> Iterable[Trial]:
        for path in paths:
            yield Trial(path, lambda path=path: _run(f"tests/{path}"))  # type: ignore[misc]

    return trials


async def _run(path: str) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "", f"--junitxml={report}", path),
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            raise
        demand(process.returncode == 0, f"pytest ended with {process.returncode}: {said.decode()[-1500:]}")
        [suite] = ElementTree.parse(report).getroot().iter("testsuite")
        return Outcome(tries=int(suite.attrib["tests"]))
