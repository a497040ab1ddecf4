"""Formats that are text inside: Markdown, notebooks, subtitles, e-mail."""

from __future__ import annotations

import json
from email.message import EmailMessage

import pytest

from longshore.parsing.chunking import cut
from longshore.parsing.latex import read_latex
from longshore.parsing.mail import read_mail
from longshore.parsing.markdown import read_markdown
from longshore.parsing.model import ParseFailure
from longshore.parsing.notebook import read_notebook
from longshore.parsing.reading import MAX_REFERENCES
from longshore.parsing.rtf import read_rtf
from longshore.parsing.subtitles import read_subtitles
from tests.parsing.conftest import SENTENCE


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Cranes\n\nwords", "Cranes"),
        ("# Cranes ##\n", "Cranes"),
        ("Cranes\n======\nwords", "Cranes"),
        ("---\ntitle: 'Of tides'\ndate: x\n---\n# Cranes\n", "Of tides"),
        ("```sh\n# a comment\n```\n# Cranes\n", "Cranes"),
        ("## Only a section\n#hashtag", None),
        ("", None),
    ],
)
def test_markdown_says_its_title(text: str, title: str | None) -> None:
    reading = read_markdown(text.encode(), "x.md")
    assert (reading.title, reading.pages) == (title, [text])


HANDBOOK = """---
title: Handbook
---
Before all.

# *The* [harbour](x.md)
## Cranes
```sh
# not a heading
[not](a-link.md)
```
Lifting.

### Hooks ###

Tides
-----

| a |
|---|
"""


def test_markdown_shows_its_sections() -> None:
    reading = read_markdown(HANDBOOK.encode(), "x.md")
    assert [(HANDBOOK[: section.start].count("\n") + 1, section.title) for section in reading.sections] == [
        (6, "The harbour"),
        (7, "Cranes"),
        (14, "Hooks"),
        (16, "Tides"),
    ]
    harbour, cranes, hooks, tides = reading.sections
    assert (harbour.end, tides.end) == (len(HANDBOOK), len(HANDBOOK))
    assert cranes.end == hooks.end == tides.start


def test_passages_of_markdown_begin_with_sections_and_say_where_they_stand() -> None:
    text = f"# Harbour\n\n## Cranes\n\n{SENTENCE * 12}\n\n## Tides\n\n{SENTENCE}\n\n## Ships\n\n{SENTENCE}\n"
    chunks = cut(read_markdown(text.encode(), "x.md")).chunks
    assert [(chunk.heading, chunk.lines) for chunk in chunks] == [
        ("Harbour > Cranes", (1, 5)),
        ("Harbour > Cranes", (5, 5)),
        ("Harbour > Tides, Ships", (7, 13)),
    ]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("[a](b.md) ![p](img/p.png 'title') [c](<d e.md>)", ["b.md", "img/p.png", "d e.md"]),
        ("[a](b.md#part) [a](b.md?x=1) [b](#here)", ["b.md"]),
        ("[a](https://example.org/b.md) [m](mailto:x) [n](//example.org/) [w](C:\\x)", []),
        ("[a](/b%20c.md) [p](a_(b).md)", ["/b c.md", "a_(b).md"]),
        ("[a][b]\n\n[b]: ../c.md 'title'\n", ["../c.md"]),
        ("see <a class='x' href=\"d.html\">d</a>", ["d.html"]),
        ("`[a](b.md)` and ``[[c]]``\n\n```\n[d](e.md)\n```\n", []),
        ("[[Tides]] [[Deep/Sea#Floor|the floor]] [[#Here]]", ["Tides", "Deep/Sea"]),
        ("[a]() [b]( ) [c", []),
    ],
)
def test_markdown_names_other_files(text: str, targets: list[str]) -> None:
    assert [reference.target for reference in read_markdown(text.encode(), "x.md").references] == targets


def test_no_more_is_referred_to_than_an_answer_can_hold() -> None:
    text = "".join(f"[a](b{number}.md) " for number in range(MAX_REFERENCES + 9)) + f"[long]({'x' * 1000}.md)"
    assert len(read_markdown(text.encode(), "x.md").references) == MAX_REFERENCES


def test_a_notebook_is_its_cells_without_outputs() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "Measured daily."]},
        {"cell_type": "code", "source": "level = 4\n# not a title", "outputs": [{"text": "printed"}]},
    ]
    reading = read_notebook(json.dumps({"nbformat": 4, "cells": cells}).encode(), "x.ipynb")
    assert reading.title == "Tides"
    assert "level = 4" in reading.pages[0]
    assert "printed" not in reading.pages[0]


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"cells": [1]}', b'{"worksheets": []}', b"\xff\xfe\x00"])
def test_a_broken_notebook_is_corrupt(data: bytes) -> None:
    with pytest.raises(ParseFailure) as refused:
        read_notebook(data, "x.ipynb")
    assert refused.value.code == "corrupt"


@pytest.mark.parametrize(
    "text",
    [
        "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>The tide</i>\r\nrises.\r\n\r\n"
        "2\r\n00:00:03,000 --> 00:00:04,000\r\nIt falls.",
        "WEBVTT\n\nNOTE aside\n\nintro\n00:01.000 --> 00:02.000 align:start\nThe tide\nrises.\n\n"
        "00:03.000 --> 00:04.000\nIt falls.",
    ],
)
def test_subtitles_are_what_is_said(text: str) -> None:
    assert read_subtitles(text.encode(), "x").pages == ["The tide\nrises.\nIt falls."]


def test_an_e_mail_is_its_head_and_its_body() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "crane@example.org", "조수 report"
    message.set_content("<p>The tide <b>rises</b>.</p>", subtype="html")
    message.add_attachment(b"secret", maintype="application", subtype="octet-stream", filename="x.bin")
    reading = read_mail(message.as_bytes(), "x.eml")
    assert reading.title == "조수 report"
    assert "From: crane@example.org" in reading.pages[0]
    assert "The tide rises." in reading.pages[0]
    assert "secret" not in reading.pages[0]


def test_a_strange_e_mail_is_read_as_far_as_it_goes() -> None:
    assert read_mail(b"Subject: x\nContent-Type: multipart/mixed\n\n", "x.eml").title == "x"
    assert read_mail(b"\x00\x01", "x.eml").title is None


def test_an_e_mail_in_an_unknown_encoding_is_corrupt() -> None:
    with pytest.raises(ParseFailure) as refused:
        read_mail(b"Content-Type: text/plain; charset=nonsense\n\nwords\xff", "x.eml")
    assert refused.value.code == "corrupt"


def test_messages_within_messages_without_end_are_corrupt() -> None:
    with pytest.raises(ParseFailure) as refused:
        read_mail(b"Content-Type: message/rfc822\n\n" * 2000 + b"words", "x.eml")
    assert refused.value.code == "corrupt"


PAPER = r"""\documentclass{article} % \title{Not this}
\title[short]{On \emph{Cranes} \& Tides}\author{Example}
\begin{document}\maketitle
\section{Method}\label{m}
A caf\'e weighs $a^2$ tons \cite{x}; \today\ counts for nothing. % nor does this
\input{secrets}
\end{document}"""


def test_latex_is_its_text_with_formulas_as_written() -> None:
    reading = read_latex(PAPER.encode(), "x.tex")
    (text,) = reading.pages
    assert reading.title == "On Cranes & Tides"
    assert "METHOD" in text
    assert "A café weighs $a^2$ tons" in text
    assert not [unwanted for unwanted in ("nor does", "secrets", "202", "\\") if unwanted in text]


def test_latex_names_the_files_that_it_takes_in() -> None:
    text = r"\input{ch/one} % \input{not}" + "\n" + r"\include{ two.tex } \includegraphics{x} \input\macro"
    assert [(found.kind, found.target) for found in read_latex(text.encode(), "x.tex").references] == [
        ("latex", "ch/one"),
        ("latex", "two.tex"),
    ]


@pytest.mark.parametrize("data", [b"\\begin{document} words {", b"words }}} \\end{foo}", b"\\title{words"])
def test_broken_latex_gives_what_it_has(data: bytes) -> None:
    assert "words" in read_latex(data, "x.tex").pages[0] + (read_latex(data, "x.tex").title or "")


def test_latex_nested_without_end_is_corrupt() -> None:
    with pytest.raises(ParseFailure) as refused:
        read_latex(b"{" * 100_000, "x.tex")
    assert refused.value.code == "corrupt"


def test_rtf_is_its_text_in_the_code_page_it_names() -> None:
    data = rb"{\rtf1\ansi\ansicpg949{\b Tides}\par \'b0\'a1 and \u44032? rise\par}"
    assert read_rtf(data, "x.rtf").pages[0].split("\n")[:2] == ["Tides", "가 and 가 rise"]


@pytest.mark.parametrize("data", [rb"{\rtf1 \u99999999? x}", rb"{\rtf1\ansicpg99999 x \'ff}", rb"{\rtf1"])
def test_strange_rtf_is_read_or_refused_with_a_reason(data: bytes) -> None:
    refusal = ""
    try:
        pages = read_rtf(data, "x.rtf").pages
    except ParseFailure as refused:
        pages, refusal = [], refused.code
    assert pages or refusal == "corrupt"
