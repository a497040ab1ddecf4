"""What each trial has shown, line by line, so that a run that was broken off goes on where it was."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.faults.trials import Outcome, Result


class Journal:
    """JSON Lines: what was run, and then a line for each trial as soon as it is over.

    Args:
        seed: Of whatever is left to chance; a run that is continued keeps its own.
        resume: Keep what the journal says, if it is of the same commit.
    """

    def __init__(self, path: Path, commit: str, seed: int, resume: bool = False) -> None:
        self.results: list[Result] = []
        self.commit, self.seed = commit, seed
        head, *lines = _read(path) if resume else [{}]
        if head.get("commit") == commit:
            self.seed = int(str(head["seed"]))
            self.results = [result for result in map(_result, lines) if not result.red]
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w")
        self._write({"commit": commit, "seed": self.seed})
        for result in self.results:
            self._write(asdict(result))

    def add(self, result: Result) -> None:
        self.results.append(result)
        self._write(asdict(result))

    def of(self, fault: str) -> Sequence[Result]:
        return [result for result in self.results if result.fault == fault]

    def has(self, fault: str, trial: str) -> bool:
        return any((result.fault, result.trial) == (fault, trial) for result in self.results)

    def close(self) -> None:
        self._file.close()

    def _write(self, line: dict[str, object]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def commit_of(repository: Path) -> str:
    """The commit that is tried, or `unknown` outside of a repository."""
    asked = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=repository, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


def _read(path: Path) -> list[dict[str, object]]:
    """The lines of a journal; its last one may have been cut off with the run."""
    lines: list[dict[str, object]] = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            lines.append(json.loads(line))
        except ValueError:
            break
    return lines or [{}]


def _result(line: dict[str, object]) -> Result:
    fields = dict(line)
    outcome = fields.pop("outcome")
    return Result(**fields, outcome=Outcome(**outcome) if isinstance(outcome, dict) else None)  # type: ignore[arg-type]
