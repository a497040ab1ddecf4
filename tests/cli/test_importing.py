"""`longshore import`, from the files to the report, and what it does when the connection or the user goes away."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi, wait_for

Spawn = Callable[..., subprocess.Popen[str]]
DONE = {"state": "done", "code": None, "detail": None}
LOCKED = {
    "path": "files/2/b.pdf",
    "title": "PDF",
    "state": "failed",
    "code": "encrypted",
    "detail": "Locked.",
}
ABSENT = {
    "path": "files/3/c.pdf",
    "title": "PDF",
    "state": "missing",
    "code": "not_brought",
    "detail": "Gone.",
}


def item(key: str, title: str, *attachments: dict[str, Any], **fields: Any) -> dict[str, Any]:
    named = {"key": key, "title": title, "change": "added", "document_id": key}
    return {**named, **DONE, "attachments": list(attachments), **fields}


def ends(fake: FakeApi, **fields: Any) -> None:
    """Lets imports end in another way than well."""
    fake.script[-1].update(fields)


def test_an_import_uploads_submits_follows_and_reports(fake: FakeApi, run: Run, export: Path) -> None:
    fake.items = [item("1", "On Tides")]

    finished = run("import", str(export))

    assert finished.code == 0
    assert len(fake.puts) == 4  # the RDF, two files, and the manifest that lists them
    submission = fake.submissions[0]
    assert submission["project"] == "library"
    assert submission["source"]["name"] == "Old Books"
    listed = fake.blobs[submission["source"]["manifest"]].decode().splitlines()
    assert [json.loads(line)["path"] for line in listed] == ["Old Books.rdf", "files/1/text.pdf", "files/2/text.pdf"]
    for part in ("Old Books → library", "in 1 min 12 s", "120", "4 items: 3 added, 1 duplicate", "Not interrupted"):
        assert part in finished.out
    assert 'longshore search "On Tides"' in finished.out
    assert "\x1b" not in finished.out
    assert "\r" not in finished.out


def test_only_what_the_server_lacks_is_uploaded(fake: FakeApi, run: Run, export: Path) -> None:
    run("import", str(export))
    fake.puts.clear()
    (export / "files/1/text.pdf").write_bytes(b"%PDF-1.4 another edition")

    run("import", str(export))

    assert len(fake.puts) == 2  # the new file and the new manifest


def test_an_upload_that_breaks_off_is_made_again(fake: FakeApi, run: Run, export: Path) -> None:
    fake.cut_puts = 3

    assert run("import", str(export)).code == 0
    assert len(fake.puts) == 4


def test_json_is_a_line_for_each_event_and_last_the_closed_import(fake: FakeApi, run: Run, export: Path) -> None:
    finished = run("import", str(export), "--name", "My Books", "--project", "thesis", "--json")

    assert finished.err == ""
    names = [event["event"] for event in finished.events]
    assert set(names) == {"read", "note", "upload", "submitted", "progress", "closed"}
    last = finished.events[-1]
    assert (last["project"], last["source"], last["state"]) == ("thesis", "zotero.my-books", "succeeded")
    assert last["items"] == {
        "total": 4, "added": 3, "changed": 0, "unchanged": 0, "removed": 0, "duplicate": 1, "skipped": 0, "failed": 0
    }  # fmt: skip


def test_it_survives_a_connection_that_is_cut_again_and_again(fake: FakeApi, run: Run, export: Path) -> None:
    fake.cut_after = [1, 0, 1]

    finished = run("import", str(export), "--json")

    assert finished.code == 0
    assert finished.events[-1]["state"] == "succeeded"
    assert finished.event("connection_lost")
    assert finished.event("connected")


def test_it_polls_where_events_do_not_come_through(
    fake: FakeApi, run: Run, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("longshore.cli.following.LONGEST_PAUSE_S", 0.1)
    fake.streams = False

    assert run("import", str(export)).code == 0
    assert fake.events_sent == 0


def test_it_survives_a_restart_of_the_api(fake: FakeApi, export: Path, spawn: Spawn) -> None:
    fake.hold = True
    process = spawn("import", str(export), "--json")
    _read_until(process, '"event": "progress"')
    fake.stop()
    _read_until(process, '"event": "connection_lost"')

    fake.start()
    next(iter(fake.voyages.values())).at_anchor = False

    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(out.splitlines()[-1])["state"] == "succeeded"


def test_an_api_that_stays_away_ends_the_command_but_not_the_import(
    fake: FakeApi, run: Run, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("longshore.cli.asking.LONG", 0.5)
    fake.hold = True

    def stop() -> None:
        wait_for(lambda: fake.events_sent)
        fake.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()

    finished = run("import", str(export))
    stopping.join()

    assert finished.code == 5
    assert "does not answer" in finished.err
    assert "longshore show zotero.old-books.00000001 --project library --follow" in finished.err


def test_ctrl_c_detaches_and_says_how_to_come_back(fake: FakeApi, export: Path, spawn: Spawn) -> None:
    fake.hold = True
    process = spawn("import", str(export), "--project", "thesis")
    wait_for(lambda: fake.events_sent)

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "longshore show zotero.old-books.00000001 --project thesis --follow" in err
    assert "Traceback" not in err
    assert fake.steered == []


def test_ctrl_c_before_the_hand_over_says_that_nothing_was(
    fake: FakeApi, run: Run, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("longshore.cli.cargo.load", interrupted)

    left = run("import", str(export))

    assert left.code == 130
    assert left.err == "Nothing was handed over yet; run the command again to go on.\n"


def test_ctrl_c_while_engines_start_says_that_they_go_on(
    run: Run, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.delenv("LONGSHORE_API_URL", raising=False)
    monkeypatch.setattr("longshore.cli.reaching.start", interrupted)

    left = run("import", str(export))

    assert left.code == 130
    assert "Nothing was handed over yet" in left.err
    assert "The engines go on starting; `longshore down` stops them." in left.err


def test_an_address_that_nobody_answers_at_is_known_before_the_files_are_read(
    fake: FakeApi, run: Run, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("longshore.cli.asking.SHORT", 0.3)
    fake.stop()

    refused = run("import", str(export))

    assert refused.code == 5
    assert refused.out == ""
    assert "LONGSHORE_API_URL" in refused.err
    assert "longshore up" not in refused.err


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Deep Learning for the Sea: The Tides", "Deep Learning for the Sea"),
        ("On Tides: a theory", "On Tides a theory"),
        ("State-of-the-art “search”", "State-of-the-art search"),
    ],
)
def test_the_search_that_is_suggested_is_of_whole_words(
    fake: FakeApi, run: Run, export: Path, title: str, query: str
) -> None:
    fake.items = [item("1", title)]

    assert f'longshore search "{query}"' in run("import", str(export)).out


def test_detach_hands_over_and_leaves(fake: FakeApi, run: Run, export: Path) -> None:
    fake.hold = True

    left = run("import", str(export), "--detach")

    assert left.code == 0
    assert "--follow" in left.out
    assert run("import", str(export), "--detach", "--json").events[-1]["event"] == "submitted"


@pytest.mark.parametrize(
    ("state", "options", "code"),
    [
        ("partially_succeeded", [], 0),
        ("partially_succeeded", ["--strict"], 3),
        ("succeeded", ["--strict"], 0),
        ("failed", [], 1),
        ("cancelled", [], 4),
    ],
)
def test_the_exit_code_tells_how_it_ended(
    fake: FakeApi, run: Run, export: Path, state: str, options: list[str], code: int
) -> None:
    ends(fake, state=state)

    assert run("import", str(export), *options).code == code


def test_the_report_gives_the_reason_of_each_failure_and_warning(fake: FakeApi, run: Run, export: Path) -> None:
    fake.items = [item("1", "On Tides"), item("2", "On Winds", LOCKED), item("3", "On Stars", ABSENT)]
    ends(fake, state="partially_succeeded", attachments_failed=1, warnings=1, interruptions=3)

    out = run("import", str(export)).out

    assert "Failed (1)" in out
    assert "Locked.  files/2/b.pdf" in out
    assert "Warnings (1)" in out
    assert "Gone.  files/3/c.pdf" in out
    assert "3 steps had to be tried again" in out
    assert "longshore retry zotero.old-books.00000001" in out


def test_a_failed_import_says_why(fake: FakeApi, run: Run, export: Path) -> None:
    ends(fake, state="failed", reason={"code": "audit", "message": "A row too many.", "resume_at": None})

    assert "A row too many." in run("import", str(export)).out


def test_an_import_that_waits_for_a_yes_says_how_to_give_it(fake: FakeApi, run: Run, export: Path) -> None:
    reason = {"code": "awaiting_approval", "message": "It would remove 30 of 60 items.", "resume_at": None}
    fake.script.insert(1, {"state": "waiting", "reason": reason})
    fake.script[2].update(state="running", reason=None)

    out = run("import", str(export)).out

    assert "It would remove 30 of 60 items." in out
    assert "longshore approve zotero.old-books.00000001 --project library" in out
    assert "longshore cancel zotero.old-books.00000001 --project library" in out


def test_removals_can_be_allowed_from_the_start(fake: FakeApi, run: Run, export: Path) -> None:
    run("import", str(export), "--allow-removals")

    assert fake.submissions[0]["options"] == {"allow_removals": True, "ask": False, "redo": []}


def test_an_import_can_be_told_to_ask_first(fake: FakeApi, run: Run, export: Path) -> None:
    run("import", str(export), "--ask")

    assert fake.submissions[0]["options"] == {"allow_removals": False, "ask": True, "redo": []}


def test_steps_can_be_done_again_for_what_has_not_changed(fake: FakeApi, run: Run, export: Path) -> None:
    run("import", str(export), "--re-parse", "--re-extract", "--re-embed")

    assert fake.submissions[0]["options"]["redo"] == ["parse", "extract", "embed"]


def _read_until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"it ended without {text}")
