"""Formats that are text inside: Markdown, notebooks, subtitles, e-mail."""

from __future__ import annotations

import json
from email.message import EmailMessage

import pytest

from longshore.parsing.mail import read_mail
from longshore.parsing.markdown import read_markdown
from longshore.parsing.model import ParseFailure
from longshore.parsing.notebook import read_notebook
from longshore.parsing.subtitles import read_subtitles


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
