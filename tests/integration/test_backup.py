"""A backup that was taken in the middle of an import is a home in which that import goes on, to the same graph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.library import write_library
from tests.integration.test_command import Machine, machine, wait_for_event

__all__ = ["machine"]

pytestmark = pytest.mark.timeout(240)  # two stacks come and go

ITEMS = 70


@pytest.fixture
def other_machine(tmp_path: Path) -> Iterator[Machine]:
    other = Machine(tmp_path / "other-home")
    yield other
    other.scrap()


@pytest.mark.thorough
def test_an_import_goes_on_where_a_backup_has_caught_it(
    machine: Machine, other_machine: Machine, tmp_path: Path
) -> None:
    library, backup = write_library(tmp_path / "export", ITEMS), tmp_path / "backup.tar"
    machine.type("up")
    command = machine.begin("import", str(library))
    wait_for_event(command, 0.15)
    caught = machine.ask("imports")["imports"][0]
    assert machine.ask("backup", str(backup))["damaged"] == []
    out, _ = command.communicate(timeout=100)
    assert (caught["state"], json.loads(out.splitlines()[-1])["state"]) == ("running", "succeeded")

    other_machine.type("restore", str(backup))
    other_machine.type("up")
    other_machine.type("show", caught["id"], "--follow")
    closed = other_machine.ask("show", caught["id"])

    assert (closed["state"], closed["items"]["added"]) == ("succeeded", ITEMS)
    assert other_machine.ask("graph", "hash", "library") == machine.ask("graph", "hash", "library")
    visit = other_machine.ask("doctor")
    assert not [finding for finding in visit["findings"] if finding["severity"] == "problem"]
    assert other_machine.type("restore", str(backup), expect=5) == "", "what runs is not written over"
