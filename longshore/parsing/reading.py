"""What a reader hands on: clean text, before it is cut into chunks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from longshore.parsing.model import About, Reference

# Postgres stores no NUL, UTF-8 has no surrogates, and the other controls are debris of broken font tables.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u00ad\ud800-\udfff\ufeff\ufffe\uffff]")
_LIGATURE = re.compile(r"[\ufb00-\ufb06]")
_SILENT = About()

PAGE_SEPARATOR = "\n"

MAX_REFERENCES = 2000
MAX_REFERENCE_CHARACTERS = 300
"""Together they fit the frame in which a parser answers."""


@dataclass(frozen=True)
class Section:
    """A stretch of the text with a heading; a symbol, where the text is code. Sections may hold others."""

    start: int
    end: int
    title: str


@dataclass(frozen=True)
class Remark:
    """A line of what a text says in words beside what it says to a machine."""

    line: int
    """From 1."""
    words: str


@dataclass(frozen=True)
class Reading:
    """The text of a document, page by page; a single page that is not `numbered` if it has none."""

    pages: list[str]
    numbered: bool = False
    title: str | None = None
    about: About = _SILENT
    cited_dois: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    """Of the pages joined by `PAGE_SEPARATOR`: sorted by start, outer before inner, nested or apart."""
    lined: bool = False
    """Whether the lines of the only page are those of the file."""
    references: tuple[Reference, ...] = ()
    remarks: tuple[Remark, ...] | None = None
    """What is prose in a `lined` text, in the order of its lines; None if all of it is."""


def clean(text: str) -> str:
    """Composed (NFC) text with `\\n` as its only line end, ligatures spelled out and without control characters."""
    text = text.replace("\r\n", "\n").replace("\r", " ")
    text = _LIGATURE.sub(lambda ligature: unicodedata.normalize("NFKC", ligature[0]), _NOT_TEXT.sub("", text))
    return unicodedata.normalize("NFC", text)


def bounded(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Each once, in their order; without those that are too long to be paths, and no more than an answer can hold."""
    found = dict.fromkeys(
        reference for reference in references if 0 < len(reference.target) <= MAX_REFERENCE_CHARACTERS
    )
    return tuple(found)[:MAX_REFERENCES]
