"""What `longshore import` does with an export of a library that is known under another name."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi

KNOWN = {"key": "zotero.the-sea", "kind": "zotero", "name": "The Sea", "shared": 2, "of": 3}
ON_A_TERMINAL = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C arrives
from longshore.cli.app import main
main()
"""
QUESTION = "This looks like The Sea (2 of 3 items are the same). Import it as The Sea? [Y/n]"


@pytest.fixture
def fake(fake: FakeApi) -> FakeApi:
    """A server that knows the export's items as those of The Sea."""
    fake.add("zotero.the-sea.00000001")
    fake.match = KNOWN
    return fake


@dataclass
class Typed:
    code: int
    asked: bool


@pytest.fixture
def type_at_terminal() -> Iterator[Callable[..., Typed]]:
    """Runs the command on a terminal of its own, and answers its question, if it has one."""
    process: subprocess.Popen[bytes] | None = None

    def run(answer: bytes, *arguments: str) -> Typed:
        nonlocal process
        ours, its = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", ON_A_TERMINAL, *arguments],
            stdin=its, stdout=its, stderr=its, start_new_session=True,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
        )  # fmt: skip
        os.close(its)
        shown, asked = b"", False
        while piece := _read(ours):
            shown += piece
            if not asked and QUESTION.encode() in shown:
                asked = True
                os.write(ours, answer)
        os.close(ours)
        return Typed(process.wait(timeout=20), asked)

    yield run
    if process:
        process.kill()
        process.wait()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # what Linux says when the other side has been closed
        return b""


@pytest.mark.parametrize(
    ("answer", "name"), [(b"\r", "The Sea"), (b"y\r", "The Sea"), (b"n\r", "Old Books"), (b"what\rn\r", "Old Books")]
)
def test_on_a_terminal_it_asks(
    fake: FakeApi, type_at_terminal: Callable[..., Typed], export: Path, answer: bytes, name: str
) -> None:
    done = type_at_terminal(answer, "import", str(export))

    assert done == Typed(code=0, asked=True)
    assert [submission["source"]["name"] for submission in fake.submissions] == [name]


def test_leaving_the_question_imports_nothing(
    fake: FakeApi, type_at_terminal: Callable[..., Typed], export: Path
) -> None:
    for key in (b"\x03", b"\x04"):  # Ctrl-C, Ctrl-D
        assert type_at_terminal(key, "import", str(export)) == Typed(code=130, asked=True)

    assert fake.submissions == []


def test_elsewhere_it_keeps_the_name_and_says_how_to_choose_the_other(fake: FakeApi, run: Run, export: Path) -> None:
    finished = run("import", str(export))

    assert finished.code == 0
    assert finished.out.count("--name 'The Sea'") == 1
    assert "2 of 3 items" in finished.out
    assert fake.submissions[0]["source"]["name"] == "Old Books"


def test_as_json_that_is_a_note(fake: FakeApi, run: Run, export: Path) -> None:
    finished = run("import", str(export), "--json")

    notes = [event["message"] for event in finished.events if event["event"] == "note"]
    assert sum("--name 'The Sea'" in note for note in notes) == 1
    assert finished.err == ""
    assert fake.submissions[0]["source"]["name"] == "Old Books"


def test_as_json_a_terminal_is_not_asked(fake: FakeApi, type_at_terminal: Callable[..., Typed], export: Path) -> None:
    assert type_at_terminal(b"", "import", str(export), "--json") == Typed(code=0, asked=False)
    assert fake.submissions[0]["source"]["name"] == "Old Books"


def test_a_name_that_is_given_stands(fake: FakeApi, type_at_terminal: Callable[..., Typed], export: Path) -> None:
    assert type_at_terminal(b"", "import", str(export), "--name", "Winds") == Typed(code=0, asked=False)
    assert fake.submissions[0]["source"]["name"] == "Winds"


def test_a_known_name_stands(fake: FakeApi, type_at_terminal: Callable[..., Typed], export: Path) -> None:
    fake.add("zotero.old-books.00000001")

    assert type_at_terminal(b"", "import", str(export)) == Typed(code=0, asked=False)
    assert fake.submissions[0]["source"]["name"] == "Old Books"


def test_what_nobody_knows_is_imported_without_a_word(fake: FakeApi, run: Run, export: Path) -> None:
    fake.match = None

    assert "--name" not in run("import", str(export)).out
    assert fake.submissions[0]["source"]["name"] == "Old Books"


def test_every_item_is_compared(fake: FakeApi, run: Run, export: Path) -> None:
    run("import", str(export))

    assert len(set(fake.compared[0])) == 2
