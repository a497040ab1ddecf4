"""What `longshore backup` and `restore` refuse; what they do is tested beside what does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi


def test_a_home_in_which_nothing_was_imported_is_not_backed_up(run: Run, tmp_path: Path) -> None:
    refused = run("backup", str(tmp_path / "copy.tar"))

    assert refused.code == 5
    assert "Nothing was ever imported" in refused.err
    assert not list(tmp_path.glob("*copy*"))


@pytest.mark.parametrize(("content", "code"), [(None, "backup_missing"), (b"no backup", "backup_invalid")])
def test_what_is_no_backup_is_not_restored(run: Run, tmp_path: Path, content: bytes | None, code: str) -> None:
    if content:
        (tmp_path / "copy.tar").write_bytes(content)

    refused = run("restore", str(tmp_path / "copy.tar"), "--json")

    assert (refused.code, json.loads(refused.err)["error"]["code"]) == (5, code)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_homes_are_copied_where_they_are(fake: FakeApi, run: Run, command: str) -> None:
    refused = run(command, "copy.tar", "--json")

    assert (refused.code, json.loads(refused.err)["error"]["code"]) == (2, "api_elsewhere")
