"""What is imported, and under which name: what the command takes, and what it refuses before anything starts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi


def test_files_that_are_all_missing_are_told_in_a_sentence(fake: FakeApi, run: Run, export: Path) -> None:
    shutil.rmtree(export / "files")

    out = run("import", str(export)).out

    assert "None of the 2 files that the export names was found: is its files/ folder beside the .rdf?" in out
    assert "uploaded 1 file," in out  # the manifest is not one of them


def test_files_that_a_bibliography_names_are_missed_beneath_its_folder(fake: FakeApi, run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.bib").write_text("@book{a, title = {T}, file = {one.pdf;two.pdf}}")

    out = run("import", str(tmp_path / "thesis.bib")).out

    assert "None of the 2 files that the export names was found: do they lie beneath the folder of the bib" in out


def test_a_name_or_project_that_cannot_be_says_what_can(fake: FakeApi, run: Run, export: Path) -> None:
    assert "--project my-thesis" in run("import", str(export), "--project", "My-Thesis").err
    assert "Give it a --name that has one." in run("import", str(export), "--name", "🚢🚢").err


@pytest.mark.parametrize(
    "arguments", [["no-such-folder"], [".", "--project", "Not A Project"], ["EXPORT", "--name", "!!!"], ["EMPTY"]]
)
def test_bad_input_is_refused_before_anything_starts(
    fake: FakeApi, run: Run, export: Path, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"EXPORT": str(export), "EMPTY": str(tmp_path / "empty")}

    refused = run("import", *(places.get(argument, argument) for argument in arguments))

    assert refused.code == 2
    assert refused.err.startswith("Error: ")
    assert len(refused.err.splitlines()) == 1
    assert fake.puts == []
    assert fake.submissions == []


def test_a_name_that_another_kind_of_source_has_is_bad_input(fake: FakeApi, run: Run, export: Path) -> None:
    fake.refuse = {
        "status": 409,
        "code": "source_kind_conflict",
        "detail": "It is a folder.",
        "hint": "Use --name.",
    }

    refused = run("import", str(export), "--json")

    assert refused.code == 2
    assert json.loads(refused.err)["error"] == {
        "code": "source_kind_conflict", "message": "It is a folder.", "hint": "Use --name."
    }  # fmt: skip


@pytest.mark.parametrize("name", ["library.rdf", "Export.rdf", "zotero.rdf"])
def test_a_file_with_a_name_that_says_nothing_is_called_after_its_folder(
    fake: FakeApi, run: Run, export: Path, name: str
) -> None:
    (export / "Old Books.rdf").rename(export / name)

    run("import", str(export / name))

    assert fake.submissions[0]["source"]["name"] == "Old Books"


def test_so_is_a_bibliography(fake: FakeApi, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "Thesis" / "references.bib"
    path.parent.mkdir()
    path.write_text("@book{a, title = {T}}")

    run("import", str(path))

    assert (fake.submissions[0]["source"]["kind"], fake.submissions[0]["source"]["name"]) == ("bibliography", "Thesis")


def test_a_repository_is_named_and_not_uploaded(fake: FakeApi, run: Run) -> None:
    url = "https://example.org/harbour/cranes.git"

    choice = ("--ref", "v2", "--include", "docs/", "--exclude", "old/", "--credential", "acme")
    finished = run("import", url, "--name", "Cranes", *choice)

    assert finished.code == 0
    assert not fake.puts
    assert fake.submissions[0]["source"] == {
        "kind": "git",
        "url": url,
        "name": "Cranes",
        "ref": "v2",
        "include": ["docs/"],
        "exclude": ["old/"],
        "credential": "acme",
    }


def test_a_url_for_ssh_is_answered_with_the_one_to_use(run: Run) -> None:
    finished = run("import", "git@example.org:harbour/cranes.git")

    assert finished.code == 2
    assert "https://example.org/harbour/cranes.git" in finished.err


def test_what_only_a_repository_has_is_refused_for_files(run: Run, export: Path) -> None:
    finished = run("import", str(export), "--ref", "main")

    assert finished.code == 2
    assert "--ref is for git repositories" in finished.err
