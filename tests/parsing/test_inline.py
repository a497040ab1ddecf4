from __future__ import annotations

from longshore.parsing.inline import parse_text


def test_an_abstract_is_plain_text() -> None:
    parsed = parse_text("We show that 1 < 2 & 3.\n", "text/plain")
    assert [chunk.text for chunk in parsed.chunks] == ["We show that 1 < 2 & 3."]
    assert parsed.pages is None


def test_a_note_is_html() -> None:
    parsed = parse_text("<div><p>지식 그래프</p><p>Second &amp; last</p></div>", "text/html")
    assert [chunk.text for chunk in parsed.chunks] == ["지식 그래프\n\nSecond & last"]


def test_what_holds_no_text_has_no_chunks() -> None:
    assert parse_text("<p><img src='x.png'></p>", "text/html").chunks == ()
    assert parse_text(" \n", "text/plain").chunks == ()


def test_elements_within_each_other_without_end_are_left_aside() -> None:
    """Taken for HTML, these would keep the worker for hours."""
    note = "<div>" * 1_000_000 + "<p title='a'>Tides &amp; ships</p>"
    assert [chunk.text for chunk in parse_text(note, "text/html").chunks] == ["Tides & ships"]


def test_a_long_note_is_html_all_the_same() -> None:
    note = "<p>One<br>word</p>" * 30_000
    assert parse_text(note, "text/html").chunks[0].text.startswith("One\nword\n\nOne\nword")
