"""Sections of PDFs: by bookmarks, else by numbers; none where neither tells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from longshore.parsing.document import parse_file
from tests.parsing import papers
from tests.parsing.conftest import KOREAN_SENTENCE, SENTENCE

BODY = SENTENCE * 8


def headings(path: Path) -> list[str | None]:
    """Of the passages, each once, in their order."""
    parsed = parse_file(path, "application/pdf", path.name)
    return list(dict.fromkeys(chunk.heading for chunk in parsed.chunks))


def paper(folder: Path, *pages: Sequence[str], **other: str) -> Path:
    return papers.paper(folder / "paper.pdf", "Durable Imports", pages, columns=1, **other)


def bookmarked(path: Path, *bookmarks: tuple[str, int]) -> Path:
    """The same paper with bookmarks, by title and page; one whose title is indented is within the one before it."""
    writer = PdfWriter(clone_from=PdfReader(path))
    outer = None
    for title, page in bookmarks:
        item = writer.add_outline_item(
            title=title.strip(), page_number=page, parent=outer if title.startswith(" ") else None
        )
        outer = outer if title.startswith(" ") else item
    writer.write(path)
    return path


def test_numbers_that_follow_each_other_head_sections(tmp_path: Path) -> None:
    path = paper(
        tmp_path,
        ["Abstract", BODY, "1 Introduction", BODY, "2. Methods", "2.1 Of Harbours", BODY, "2.2 Of Cranes", BODY],
        [BODY, "3 Results", BODY, "References", "[1] An earlier work on durable imports."],
    )
    assert headings(path) == [
        "Abstract",
        "1 Introduction",
        "2. Methods > 2.1 Of Harbours",
        "2. Methods > 2.2 Of Cranes",
        "3 Results, References",
    ]


def test_roman_and_korean_sections(tmp_path: Path) -> None:
    roman = paper(tmp_path, ["I. INTRODUCTION", BODY, "II. METHODS", BODY, "III. RESULTS", BODY])
    assert headings(roman) == ["I. INTRODUCTION", "II. METHODS", "III. RESULTS"]
    body = KOREAN_SENTENCE * 12
    korean = paper(tmp_path, ["1. 서론", body, "2. 방법", body, "3. 결과", body], font=papers.KOREAN_FONT)
    assert headings(korean) == ["1. 서론", "2. 방법", "3. 결과"]


def test_bookmarks_go_before_numbers_and_may_lack_them(tmp_path: Path) -> None:
    pages = [["1 Opening", BODY, "Of the Harbour", BODY], ["2 Middle", BODY, "End", BODY]]
    marks = [("Opening", 0), (" Of the Harbour", 0), ("Middle", 1), ("Never printed", 1), ("End", 1)]
    path = bookmarked(paper(tmp_path, *pages), *marks)
    assert headings(path) == ["1 Opening", "1 Opening > Of the Harbour", "2 Middle", "End"]


def test_lists_contents_and_running_heads_head_nothing(tmp_path: Path) -> None:
    contents = ["1 Introduction .... 3", "2 Methods 5", "3 Results 7", "4 And a sentence that ends.", BODY]
    assert headings(paper(tmp_path, contents)) == [None]
    heads = [["1 Of Cranes", BODY], ["2 Example and Sample", BODY], ["3 Durable Imports", BODY]]
    assert headings(paper(tmp_path, *heads)) == [None]
    assert headings(paper(tmp_path, ["1 One", BODY, "2 Two", BODY])) == [None], "two may be anything"


def test_what_follows_no_other_number_is_a_line_like_any(tmp_path: Path) -> None:
    path = paper(tmp_path, ["1 One", BODY, "7 Cranes", "3 Ships", BODY, "2 Two", BODY, "3 Three", BODY])
    assert headings(path) == ["1 One", "2 Two", "3 Three"]


def test_offsets_and_pages_hold_across_pages(tmp_path: Path) -> None:
    path = paper(tmp_path, ["1 One", BODY], ["Now to another.", "2 Two", BODY, "3 Three", SENTENCE], [BODY] * 2)
    parsed = parse_file(path, None, path.name)
    places = [(chunk.page, chunk.heading) for chunk in parsed.chunks]
    assert places == [(1, "1 One"), (2, "2 Two"), (2, "3 Three"), (3, "3 Three"), (3, "3 Three")]
    ends = [chunk.end for chunk in parsed.chunks]
    assert all(chunk.start >= end for chunk, end in zip(parsed.chunks[1:], ends, strict=False))
