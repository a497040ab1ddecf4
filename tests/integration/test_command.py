"""The whole product by its command: everything killed in the middle, the command typed again, the same graph."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.library import write_library

ITEMS = 200
LONGSHORE = Path(sys.executable).parent / "longshore"


@dataclass
class Machine:
    """A home with a stack of its own, used as a person would."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        foreign = [name for name in os.environ if name.startswith(("LONGSHORE_", "TEMPORAL_"))]
        return {**{k: v for k, v in os.environ.items() if k not in foreign}, "LONGSHORE_HOME": str(self.home)}

    def type(self, *words: str, expect: int = 0) -> str:
        done = subprocess.run(
            [LONGSHORE, *words], env=self.environment, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == expect, done.stderr
        return done.stdout

    def ask(self, *words: str) -> Any:
        return json.loads(self.type(*words, "--json"))

    def begin(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [LONGSHORE, *words, "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def scrap(self) -> None:
        """Stop it, and remove what it keeps outside of its home."""
        self.type("down")
        elsewhere = self.home / "postgres" / "elsewhere"
        if elsewhere.exists():
            shutil.rmtree(elsewhere.read_text().strip())

    def processes(self) -> list[int]:
        status = self.ask("status")
        return [status[name]["pid"] for name in ("supervisor", "api", "worker", "temporal", "postgres")]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path / "home")
    yield machine
    machine.scrap()


def wait_for_event(command: subprocess.Popen[str], share: float) -> None:
    assert command.stdout is not None
    for line in command.stdout:
        event = json.loads(line)
        if event.get("state") == "running" and event.get("fraction", 0) >= share:
            return
    raise AssertionError(f"the command ended before it came to {share:.0%}")


@pytest.mark.thorough
def test_everything_killed_in_the_middle_goes_on_when_typed_again(machine: Machine, tmp_path: Path) -> None:
    library = write_library(tmp_path / "export", ITEMS)
    machine.type("import", str(library), "--project", "calm")
    machine.type("up")
    processes = machine.processes()
    command = machine.begin("import", str(library), "--project", "stormy")
    wait_for_event(command, 0.1)
    for pid in [*processes, command.pid]:
        os.kill(pid, signal.SIGKILL)
    command.communicate()
    last = machine.type("import", str(library), "--project", "stormy", "--json").splitlines()[-1]
    closed = json.loads(last)
    assert (closed["state"], closed["items"]["added"]) == ("succeeded", ITEMS)
    assert machine.ask("graph", "hash", "stormy")["sets"] == machine.ask("graph", "hash", "calm")["sets"]
    again = json.loads(machine.type("import", str(library), "--project", "stormy", "--json").splitlines()[-1])
    assert (again["items"]["unchanged"], again["items"]["added"]) == (ITEMS, 0)
    visit = machine.ask("doctor")
    assert not [finding for finding in visit["findings"] if finding["severity"] == "problem"]
    assert (visit["unexamined"], len(visit["examined"])) == ([], 6)
