"""Seeing and steering imports, and finding passages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi

ID = "zotero.old-books.0001"
NOTHING: dict[str, Any] = {
    "key": "",
    "title": "",
    "change": "added",
    "state": "done",
    "code": None,
    "detail": None,
    "attachments": [],
}
LOCKED = {
    "path": "files/2/b.pdf",
    "title": "PDF",
    "state": "failed",
    "code": "encrypted",
    "detail": "It has a password.",
}


def test_imports_are_listed_with_the_key_of_their_source(fake: FakeApi, run: Run) -> None:
    fake.add(ID)
    fake.add(ID, project="thesis", state="paused")

    listed = run("imports", "--json").json["imports"]

    assert [(one["project"], one["id"], one["source"], one["state"]) for one in listed] == [
        ("library", ID, "zotero.old-books", "queued"),
        ("thesis", ID, "zotero.old-books", "paused"),
    ]
    assert [one["project"] for one in run("imports", "--project", "thesis", "--json").json["imports"]] == ["thesis"]


def test_the_list_says_why_an_import_waits(fake: FakeApi, run: Run) -> None:
    reason = {"code": "no_worker", "message": "No worker is connected.", "resume_at": None}
    fake.add(ID, state="waiting", reason=reason)

    out = run("imports").out

    assert "waiting" in out
    assert "No worker is connected." in out


def test_an_id_without_a_project_is_looked_up(fake: FakeApi, run: Run) -> None:
    fake.add(ID, project="thesis")

    assert run("pause", ID, "--json").json["project"] == "thesis"
    assert fake.steered == [(ID, "pause")]


def test_an_id_that_two_projects_have_is_refused_until_the_project_is_named(fake: FakeApi, run: Run) -> None:
    fake.add(ID)
    fake.add(ID, project="thesis")

    refused = run("cancel", ID)

    assert refused.code == 2
    assert "library, thesis" in refused.err
    assert fake.steered == []
    assert run("cancel", ID, "--project", "thesis").code == 0
    assert fake.steered == [(ID, "cancel")]


@pytest.mark.parametrize(
    ("command", "verb"),
    [
        ("pause", "pause"),
        ("resume", "resume"),
        ("cancel", "cancel"),
        ("retry", "retry-failed"),
        ("approve", "approve"),
    ],
)
def test_each_command_says_its_word_to_the_api(fake: FakeApi, run: Run, command: str, verb: str) -> None:
    fake.add(ID)

    assert run(command, ID).code == 0
    assert fake.steered == [(ID, verb)]


def test_a_retry_of_a_closed_import_names_the_new_one(fake: FakeApi, run: Run) -> None:
    fake.add(ID, state="partially_succeeded", closed_at="2026-01-02T03:05:00+00:00")

    assert f"longshore show {ID}2 --project library --follow" in run("retry", ID).out


def test_a_refusal_gives_the_apis_reason_and_hint(fake: FakeApi, run: Run) -> None:
    fake.add(ID, state="cancelled")

    refused = run("pause", ID)

    assert refused.code == 2
    assert refused.err == "Error: The import is cancelled; it cannot pause. Start a new one.\n"


def test_an_unknown_id_is_bad_input(fake: FakeApi, run: Run) -> None:
    missing = run("show", "zotero.nothing.0", "--json")

    assert missing.code == 2
    assert json.loads(missing.err)["error"]["code"] == "import_not_found"
    assert missing.out == ""


def test_show_says_how_far_an_import_is_and_follows_it_if_asked(fake: FakeApi, run: Run) -> None:
    voyage = fake.add(ID, state="running", fraction=0.37)

    shown = run("show", ID)

    assert shown.code == 0
    assert "37 %" in shown.out
    voyage.at_anchor = False
    assert run("show", ID, "--follow", "--json").events[-1]["state"] == "succeeded"


def test_items_come_from_every_page_with_the_reason_of_each_file(fake: FakeApi, run: Run) -> None:
    fake.items = [{**NOTHING, "key": str(n), "title": f"Book {n}", "document_id": None} for n in range(5)]
    fake.items[3] = {**fake.items[3], "attachments": [LOCKED]}
    fake.add(ID)

    assert len(run("items", ID, "--json").json["items"]) == 5
    failed = run("items", ID, "--state", "failed").out
    assert "Book 3" in failed
    assert "It has a password." in failed
    assert "Book 2" not in failed


def test_search_gives_passages_with_their_place(fake: FakeApi, run: Run) -> None:
    place = {"document_id": "1", "year": 1999, "page": 3, "start": 0, "end": 9, "score": 0.9, "item_type": "book"}
    fake.hits = [{**place, "title": "조수 이야기", "authors": ["Kim"], "text": "달이 조수를 당긴다"}]

    assert run("search", "조수", "--json").json["results"][0]["page"] == 3
    out = run("search", "조수").out
    assert "조수 이야기" in out
    assert "Kim, 1999, p. 3" in out
    assert "Nothing in library matches" in run("search", "wind").out

    symbol = {"page": None, "first_line": 10, "last_line": 42, "heading": "class Crane > def lift"}
    fake.hits = [{**place, **symbol, "title": "crane.py", "authors": [], "text": "def lift(self): 조수"}]
    assert "1999, class Crane > def lift, lines 10-42" in run("search", "조수").out


def test_titles_cannot_speak_to_the_terminal(fake: FakeApi, run: Run) -> None:
    fake.items = [{**NOTHING, "key": "1", "title": "\x1b]0;owned\x07[bold]Tides[/]\n\u202e", "document_id": None}]
    fake.add(ID)

    out = run("items", ID).out

    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[bold]Tides[/]" in out


def test_the_graph_hash_is_printed_as_a_whole_and_per_set(fake: FakeApi, run: Run) -> None:
    assert run("graph", "hash", "library").out.startswith("d" * 64 + "  library\n")
    assert run("graph", "hash", "library", "--json").json["sets"]["edges"] == "e" * 64


@pytest.mark.parametrize(
    ("command", "said"), [("approve", "there is nothing to approve"), ("pause", "it cannot be paused")]
)
def test_what_does_not_apply_is_said_in_words(fake: FakeApi, run: Run, command: str, said: str) -> None:
    fake.add(ID, state="partially_succeeded")

    refused = run(command, ID)

    assert refused.code == 2
    assert f"The import of Old Books has ended: it succeeded in part, so {said}." in refused.err
    assert f"`longshore show {ID} --project library`" in refused.err
