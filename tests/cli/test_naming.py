"""Commands are printed as they can be typed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from longshore.cli.naming import command, runnable


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that is not searched, in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "longshore"
    program.touch(mode=0o755)
    return tmp_path / "bin"


@pytest.mark.parametrize("absolute", [True, False])
def test_a_program_that_is_not_on_the_path_is_named_by_its_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch, absolute: bool
) -> None:
    monkeypatch.setattr(sys, "argv", [str(folder / "longshore") if absolute else "bin/longshore"])

    assert command("imports") == "bin/longshore imports"
    assert runnable("`longshore up` starts it, in ~/longshore.") == "`bin/longshore up` starts it, in ~/longshore."


def test_in_its_own_folder_it_is_named_as_a_shell_finds_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(folder / "longshore")])
    monkeypatch.chdir(folder)

    assert command("imports") == "./longshore imports"


def test_a_program_on_the_path_has_its_plain_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "argv", ["bin/longshore"])

    assert command("imports") == "longshore imports"
