"""What a parser gives, and how it refuses."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from longshore.errors import LongshoreError

ReferenceKind = Literal["link", "wiki", "latex", "python", "javascript", "go", "go-module", "rust", "java", "c", "ruby"]


class Reference(BaseModel):
    """What a text says of another file: as written, for the same bytes may stand in many places.

    The kind tells how to find the file: a `link` is a relative address, a `wiki` a name in double brackets, `latex`
    a file that is put in its place; others name what a language imports, in the form that
    longshore/parsing/code/imports.py gives it. A `go-module` is the name that a go.mod gives its folder.
    """

    model_config = ConfigDict(frozen=True)

    kind: ReferenceKind
    target: str


class Chunk(BaseModel):
    """A passage. Offsets count Unicode characters in the part's whole text; pages and lines count from 1."""

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    page: int | None = None
    lines: tuple[int, int] | None = None
    """The first and the last that it touches, where the file itself has lines."""
    heading: str | None = None
    """Headings or symbols that it stands under, outermost first, as in `class Crane > def lift`."""
    prose: str | None = None
    """Of code, what it says in words: comments and documentation. None where that is the text itself."""
    text: str


class Person(BaseModel):
    """A name as a document gives it; one that is not told apart into its parts is a family name."""

    model_config = ConfigDict(frozen=True)

    family: str
    given: str = ""


class About(BaseModel):
    """What a document says of itself, as far as it can be trusted: where in doubt, nothing."""

    model_config = ConfigDict(frozen=True)

    authors: tuple[Person, ...] = ()
    year: int | None = None
    doi: str | None = None
    """Lower case, without prefix."""
    arxiv: str | None = None
    """Lower case, without version."""


class Parsed(BaseModel):
    """The text of one file or note."""

    model_config = ConfigDict(frozen=True)

    title: str | None = None
    """The title that the document itself shows, if it was found."""
    about: About = About()
    pages: int | None = None
    characters: int = 0
    cited_dois: tuple[str, ...] = ()
    """DOIs of the reference list, lower case, without duplicates, sorted."""
    references: tuple[Reference, ...] = ()
    """In the order of the text, without duplicates, at most `reading.MAX_REFERENCES`."""
    chunks: tuple[Chunk, ...] = ()


class ParseFailure(LongshoreError):
    """This content cannot be read; the same bytes will fail again.

    Codes: `encrypted`, `image_only`, `corrupt`, `empty`, `too_large`, `unsupported`, `parser_timeout`,
    `parser_out_of_memory`, `parser_crashed`.
    """


SKIPPED_CODES = frozenset({"image_only", "unsupported", "empty"})
"""Codes that mean there was nothing to read, as opposed to something that should have been readable."""
