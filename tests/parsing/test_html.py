from __future__ import annotations

import pytest

from longshore.parsing.html import read_html, read_markup
from longshore.parsing.reading import Reading


def text_of(reading: Reading) -> str:
    (page,) = reading.pages
    return page


def test_machinery_is_dropped_and_structure_kept() -> None:
    reading = read_markup(
        """<!doctype html><html><head><title>A page - A site</title><style>p {}</style></head><body>
        <nav><a href="/">Home</a></nav><h1>A page</h1><script>alert(1)</script><noscript>Turn it on</noscript>
        <p>First <b>bold</b><i>er</i>
        line.<br>Second line.</p><ul><li>one</li><li>two</li></ul><table><tr><td>a</td><td>b</td></tr></table>"""
    )
    assert text_of(reading) == "A page\n\nFirst bolder line.\nSecond line.\n\none\ntwo\n\na\tb"


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<title>Window</title><h1>Heading</h1>", "Heading"),
        ("<title>Window</title><h1>One</h1><h1>Two</h1>", "Window"),
        ("<title> Two\n words </title>", "Two words"),
        ('<meta name="citation_title" content="Stated"><title>Window</title><h1>Heading</h1>', "Stated"),
        ("<p>No title</p>", None),
    ],
)
def test_title(markup: str, title: str | None) -> None:
    assert read_markup(markup).title == title


@pytest.mark.parametrize(
    "page",
    [
        "<p>한국어 문서입니다</p>".encode(),
        "<p>한국어 문서입니다</p>".encode("utf-8-sig"),
        "<p>한국어 문서입니다</p>".encode("utf-16"),
        '<meta charset="euc-kr"><p>한국어 문서입니다</p>'.encode("cp949"),
        '<meta http-equiv="Content-Type" content="text/html; charset=KS_C_5601-1987"><p>한국어 문서입니다</p>'.encode(
            "cp949"
        ),
        '<meta charset="no-such-charset"><p>한국어 문서입니다</p>'.encode("cp949"),
    ],
    ids=["utf-8", "bom", "utf-16", "euc-kr", "ks_c_5601", "unknown"],
)
def test_encodings(page: bytes) -> None:
    assert text_of(read_html(page)) == "한국어 문서입니다"


def test_nesting_deeper_than_python_recurses() -> None:
    assert text_of(read_markup("<div>" * 20_000 + "deep" + "</div>" * 20_000)) == "deep"


def test_dois_of_its_references() -> None:
    reading = read_markup(
        "<p>doi:10.1000/own</p><h2>References</h2><ol><li>A. <a href='#'>10.1000/a</a>.</li><li>10.1000/own</li></ol>"
    )
    assert reading.cited_dois == ("10.1000/a",)


def test_links_of_the_text_to_other_files() -> None:
    reading = read_markup(
        "<nav><a href='menu.html'>menu</a></nav><p><a href='../b.html#x'>b</a> <a href='https://example.org/'>c</a>"
        " <a name='d'>d</a> <a href='../b.html'>again</a></p>"
    )
    assert [reference.target for reference in reading.references] == ["../b.html"]


def test_headings_head_sections() -> None:
    reading = read_markup(
        "<h1> The <em>harbour</em>\n log </h1><p>Begins.</p><h2><p>Cranes</p></h2><div>Lift \ufdd1 cargo.</div>"
        "<h3></h3><h2><img src='x'></h2><ul><li><h4>Hooks</h4>Hold.</ul><h2>Tides</h2>"
    )
    text = text_of(reading)
    assert text == "The harbour log\n\nBegins.\n\nCranes\n\nLift cargo.\n\nHooks\n\nHold.\n\nTides"
    assert [(section.title, text[section.start : section.end].strip()) for section in reading.sections] == [
        ("The harbour log", text),
        ("Cranes", "Cranes\n\nLift cargo."),
        ("Hooks", "Hooks\n\nHold."),
        ("Tides", "Tides"),
    ]
