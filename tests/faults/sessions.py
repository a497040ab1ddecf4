"""One session of pytest for all the files that faults are tried by, so that each test is run once."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.faults.invariants import demand
from tests.faults.passage import REPOSITORY
from tests.faults.trials import Outcome


@dataclass(frozen=True)
class Said:
    """What a session has said of its files."""

    passed: Counter[str]
    failed: dict[str, list[str]]
    output: str


class Session:
    """
    Args:
        folder: For its report.
        paths: Files of tests, below `tests`.
    """

    def __init__(self, folder: Path, paths: Sequence[str]) -> None:
        self._folder, self._paths = folder, sorted(set(paths))
        self._said: asyncio.Task[Said] | None = None

    async def of(self, path: str) -> Outcome:
        """How the tests of a file went; the first who asks waits for all.

        Raises:
            Broken: if one of them failed, or none was run.
        """
        self._said = self._said or asyncio.create_task(self._run())
        said = await self._said
        demand(path not in said.failed, "; ".join(said.failed.get(path, [])))
        demand(said.passed[path] > 0, f"no test of it was run: {said.output[-1500:]}")
        return Outcome(tries=said.passed[path])

    async def _run(self) -> Said:
        report = self._folder / "tests.xml"
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-m",
                "",
                "-n",
                "2",
                "--dist",
                "loadfile",
            ),
            *(f"--junitxml={report}", *(f"tests/{path}" for path in self._paths)),
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        demand(report.exists(), f"pytest ended with {process.returncode}: {output.decode()[-1500:]}")
        return counted(report, self._paths, output.decode())


def counted(report: Path, paths: Sequence[str], output: str) -> Said:
    modules = {f"tests.{path.removesuffix('.py').replace('/', '.')}": path for path in paths}
    passed: Counter[str] = Counter()
    failed: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = case.attrib["classname"]
        path = next((path for module, path in modules.items() if name == module or name.startswith(f"{module}.")), "")
        wrong = [child.attrib.get("message", "")[:300] for child in case if child.tag in ("failure", "error")]
        if wrong:
            failed.setdefault(path, []).append(f"{case.attrib['name']}: {wrong[0]}")
        elif case.find("skipped") is None:
            passed[path] += 1
    return Said(passed, failed, output)
