"""What a parser gives, and how it refuses."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from longshore.errors import LongshoreError


class Chunk(BaseModel):
    """A passage. Offsets count Unicode characters in the part's whole text; `page` counts from 1."""

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    page: int | None = None
    text: str


class Parsed(BaseModel):
    """The text of one file or note."""

    model_config = ConfigDict(frozen=True)

    title: str | None = None
    """The title that the document itself shows, if it was found."""
    pages: int | None = None
    characters: int = 0
    cited_dois: tuple[str, ...] = ()
    """DOIs of the reference list, lower case, without duplicates, sorted."""
    chunks: tuple[Chunk, ...] = ()


class ParseFailure(LongshoreError):
    """This content cannot be read; the same bytes will fail again.

    Codes: `encrypted`, `image_only`, `corrupt`, `empty`, `too_large`, `unsupported`, `parser_timeout`,
    `parser_out_of_memory`, `parser_crashed`.
    """


SKIPPED_CODES = frozenset({"image_only", "unsupported", "empty"})
"""Codes that mean there was nothing to read, as opposed to something that should have been readable."""
