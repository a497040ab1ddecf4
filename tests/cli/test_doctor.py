"""The doctor's words and exit codes; what it finds is tested beside what it looks at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"  # the one that `run` names
    home.mkdir()
    return home


def test_where_nothing_runs_it_says_what_was_not_looked_at(home: Path, run: Run) -> None:
    visit = run("doctor")

    assert visit.code == 5
    assert "Not looked at: the database and the files. Postgres does not run" in visit.out
    assert "Nothing is wrong with it." in visit.out


def test_a_problem_is_explained_and_mended_only_when_asked(home: Path, run: Run) -> None:
    (home / "state.json").write_text("{")

    visit = run("doctor")
    assert visit.code == 1
    for part in ("state.json cannot be understood", "Why it matters:", "What to do:", "--fix` mends", "1 problem"):
        assert part in visit.out
    assert (home / "state.json").read_text() == "{"

    mended = json.loads(run("doctor", "--fix", "--json").out)
    assert (mended["mended"], mended["findings"]) == (["Wrote state.json anew: nothing runs."], [])
    assert run("doctor").code == 5


def test_it_looks_at_this_machine_only(fake: FakeApi, run: Run) -> None:
    refused = run("doctor", "--json")

    assert refused.code == 2
    assert json.loads(refused.err)["error"]["code"] == "api_elsewhere"
