"""The live view of an import in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType
from rich.text import Text

from longshore.cli import report, tables
from longshore.cli.lines import PlainView
from longshore.cli.progress import LiveView
from longshore.cli.uploading import Freight
from tests.cli.fake_api import FakeApi
from tests.cli.voyages import SUCCESS


def seen(renderable: RenderableType, width: int = 90) -> str:
    screen = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with screen.capture() as captured:
        screen.print(renderable, soft_wrap=isinstance(renderable, Text))
    return captured.get()


@pytest.fixture
def view() -> LiveView:
    return LiveView(Console(file=io.StringIO()), "Old \x1bBooks", "Ctrl-C detaches")


def resource(**fields: object) -> dict[str, object]:
    return {**FakeApi().add("zotero.old-books.1").resource, **SUCCESS[1], "state": "running", **fields}


def test_it_shows_the_upload(view: LiveView) -> None:
    view.note("Uploading")
    view.uploading(Freight(files=4, size=4_000_000, files_sent=1, sent=1_500_000))

    shown = seen(view.render())

    assert "Old Books  Uploading" in shown
    assert "1/4 files  1.5 MB of 4.0 MB" in shown
    assert "Ctrl-C" not in shown  # before the import has begun there is nothing to detach from


def test_it_shows_each_stage_with_counts_and_what_is_left(view: LiveView) -> None:
    view.progress(resource())  # type: ignore[arg-type]

    shown = seen(view.render())

    assert "40 % · about 1–2 min left · 40 chunks" in shown
    assert "2/4 items  2.0/s" in shown
    assert shown.count("✓") == 2
    assert "Ctrl-C detaches" in shown


def test_waiting_shows_its_reason_and_no_time_left(view: LiveView) -> None:
    why = {"code": "no_worker", "message": "No worker is at work.", "resume_at": None}
    view.progress(resource(state="waiting", reason=why))  # type: ignore[arg-type]

    shown = seen(view.render())

    assert "waiting" in shown
    assert "No worker is at work." in shown
    assert "left" not in shown


FALLBACK = {
    "provider": "extraction.ollama",
    "instead_of": "extraction.groq",
    "active": True,
    "message": "The provider groq does not accept the key.",
    "passages": 1200,
}


def test_nobody_is_asked_in_the_place_of_another_silently(view: LiveView, capsys: pytest.CaptureFixture[str]) -> None:
    running = resource(fallbacks=[FALLBACK])
    view.progress(running)  # type: ignore[arg-type]
    plain = PlainView("Old Books")
    plain.progress(running)  # type: ignore[arg-type]

    for shown in (seen(view.render()), capsys.readouterr().out):
        told = " ".join(shown.split())
        assert "extraction.ollama is asked in the place of extraction.groq, for 1,200 passages: The provider" in told


def test_the_report_tells_of_fallbacks_and_of_passages_without_facts() -> None:
    lacking = {"provider": "extraction.groq", "message": "The model declined.", "passages": 2}
    closed = resource(state="succeeded", fallbacks=[{**FALLBACK, "active": False}], without_facts=[lacking])

    told = " ".join(seen(report.render(closed, report.Findings([], None), 0)).split())  # type: ignore[arg-type]

    assert "extraction.ollama was asked in the place of extraction.groq" in told
    assert "2 passages without facts: The model declined." in told
    assert "--re-extract asks about them again" in told


def test_what_waits_has_not_begun_what_nothing_is_done_of(view: LiveView) -> None:
    why = {"code": "awaiting_approval", "message": "It would remove 30 items.", "resume_at": None}
    stages = [{**stage, "done": 0} if stage["state"] == "running" else stage for stage in SUCCESS[1]["stages"]]
    view.progress(resource(state="waiting", reason=why, stages=stages))  # type: ignore[arg-type]

    shown = seen(view.render())

    assert "●" not in shown
    assert "approve" in shown
    assert "cancel" in shown


def test_only_whole_words_are_marked_but_for_korean_particles() -> None:
    for text, query, marked in (
        ("and an island", "an", ["an"]),
        ("Tides and tide.", "tide", ["tide"]),
        ("조수는 조수 학", "조수", ["조수", "조수"]),
    ):
        passage = tables._marked(text, query)
        assert [passage.plain[span.start : span.end] for span in passage.spans] == marked


def test_a_lost_connection_is_shown_until_it_is_found(view: LiveView) -> None:
    view.progress(resource())  # type: ignore[arg-type]
    view.lost("reset")
    assert "No answer from the API" in seen(view.render())

    view.found()
    assert "No answer from the API" not in seen(view.render())


def test_what_is_to_be_copied_is_not_broken_in_a_narrow_terminal() -> None:
    long = resource(id="zotero.a-library-with-a-rather-long-name.0123456789ab")
    findings = report.Findings([], "A Mathematical Theory of Communication")

    for text in (report.where_to_look(long, findings, "http://127.0.0.1:1"), tables.imports([long])):  # type: ignore[arg-type,list-item]
        assert "zotero.a-library-with-a-rather-long-name.0123456789ab" in seen(text, width=40)
