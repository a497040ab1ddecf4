"""Splits a text at its own seams, in a time that grows with its length, whatever it holds."""

from __future__ import annotations

from collections.abc import Iterator

from semantic_text_splitter import TextSplitter

_UNBROKEN = 20_000
"""Characters without white space between them. The splitter looks through the rest of such a stretch for each piece."""
_PIECES = 50
"""So many pieces of one are split at a time."""


def split(text: str, most: int, trim: bool = True) -> Iterator[tuple[int, str]]:
    """Pieces of at most so many characters, each with its offset.

    Args:
        trim: Without the white space around them.
    """
    splitter = TextSplitter(most, trim=trim)
    position = 0
    if len(text) > _UNBROKEN and any(len(stretch) > _UNBROKEN for stretch in text.split()):
        while len(text) - position > _PIECES * most:
            found = splitter.chunk_indices(text[position : position + _PIECES * most])
            # The last one might have gone on.
            whole = found[:-1] if len(found) > 1 else found
            yield from ((position + offset, piece) for offset, piece in whole)
            position += found[-1][0] if len(found) > 1 else _PIECES * most
    yield from ((position + offset, piece) for offset, piece in splitter.chunk_indices(text[position:]))
