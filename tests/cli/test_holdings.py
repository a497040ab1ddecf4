"""What there is, and how to be rid of it."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi
from tests.cli.voyages import AT

SHELF = {"key": "zotero.shelf", "kind": "zotero", "name": "Shelf\x1b[31m", "items": 1204}
LAST = {"id": "zotero.shelf.0001", "state": "partially_succeeded", "closed_at": AT}


def test_projects_are_listed(fake: FakeApi, run: Run) -> None:
    nothing = run("projects")
    fake.projects = [
        {
            "project": "thesis",
            "name": "My Thesis",
            "created_at": AT,
            "documents": 1204,
            "sources": 2,
            "running": 1,
            "deleting": False,
        }
    ]
    listed = run("projects")

    assert "No projects yet" in nothing.out
    assert all(word in listed.out for word in ("thesis", "My Thesis", "1,204", "1 import running"))
    assert run("projects", "--json").json["projects"] == fake.projects


def test_sources_are_listed_with_how_they_ended(fake: FakeApi, run: Run) -> None:
    nothing = run("sources")
    fake.sources = [{**SHELF, "last_import": LAST}, {**SHELF, "key": "zotero.new", "last_import": None}]
    listed = run("sources", "--project", "thesis")

    assert "Nothing has been imported into library" in nothing.out
    assert all(word in listed.out for word in ("zotero.shelf", "succeeded in part", LAST["id"], "zotero.new"))
    assert "\x1b" not in listed.out
    assert run("sources", "--json").json["sources"][0]["last_import"] == LAST


def test_nothing_is_deleted_where_nobody_can_be_asked(fake: FakeApi, run: Run) -> None:
    project = run("delete", "project", "thesis")
    source = run("delete", "source", "zotero.shelf")

    assert (project.code, source.code, fake.deleted) == (2, 2, [])
    assert "cannot be undone: 1 document, 2 items, 3 files (4.2 MB)" in project.out
    assert "--yes" in project.err


def test_a_dry_run_only_tells(fake: FakeApi, run: Run) -> None:
    told = run("delete", "project", "thesis", "--dry-run", "--yes", "--json")

    assert (told.code, fake.deleted) == (0, [])
    assert told.json["dry_run"]["blobs"] == 3


@pytest.mark.parametrize(("answer", "deleted"), [(True, ["thesis"]), (False, [])])
def test_a_terminal_is_asked(
    fake: FakeApi, run: Run, monkeypatch: pytest.MonkeyPatch, answer: bool, deleted: list[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: answer)

    result = run("delete", "project", "thesis")

    assert (result.code, fake.deleted) == (0, deleted)
    assert ("is being deleted" in result.out) is answer


def test_a_source_is_removed_by_an_import_that_can_be_undone(fake: FakeApi, run: Run) -> None:
    removed = run("delete", "source", "zotero.shelf", "--yes")
    as_json = run("delete", "source", "zotero.shelf", "--yes", "--json")

    assert fake.deleted == ["zotero.shelf"] * 2
    assert "longshore undo zotero.shelf.0000000000ff --project library" in removed.out
    assert as_json.json["id"] == "zotero.shelf.0000000000ff"


def test_an_import_is_undone(fake: FakeApi, run: Run) -> None:
    fake.add("zotero.shelf.0001", state="succeeded", closed_at=AT)
    fake.add("zotero.shelf.0002", state="running")

    undone = run("undo", "zotero.shelf.0001")
    cancelled = run("cancel", "zotero.shelf.0002", "--undo")
    retried = run("retry", "zotero.shelf.0001", "--code", "encrypted", "--code", "corrupt")

    assert (undone.code, cancelled.code, retried.code) == (0, 0, 0)
    assert "longshore show zotero.shelf.00012" in undone.out
    assert fake.steered == [
        ("zotero.shelf.0001", "undo"),
        ("zotero.shelf.0002", "cancel"),
        ("zotero.shelf.0001", "retry-failed"),
    ]
    assert fake.orders == [{}, {"undo": True}, {"codes": ["encrypted", "corrupt"]}]
