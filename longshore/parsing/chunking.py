"""Cuts text into passages at its own seams: paragraphs first, then sentences, then words."""

from __future__ import annotations

import re
from bisect import bisect_right

from semantic_text_splitter import TextSplitter

from longshore.parsing.model import Chunk, Parsed
from longshore.parsing.reading import Reading

LATIN_BUDGET = 900
CJK_BUDGET = 500
"""A Hangul syllable or a Han character says about as much as two Latin letters, and costs a model as much."""
CJK_SHARE = 0.3
"""From this share of the letters on the text counts as CJK; for the same reason it is less than a half."""
PAGE_SEPARATOR = "\n"

_CJK = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
_LETTERS = re.compile(r"[^\W\d_]+")


def cut(reading: Reading) -> Parsed:
    """The reading as passages; none if it holds nothing but white space.

    The whole text is the pages joined by `PAGE_SEPARATOR`; offsets count its Unicode characters. Passages come in
    order, do not overlap and leave out white space only. `page` is the one where a passage starts.
    """
    text = PAGE_SEPARATOR.join(reading.pages)
    starts = []
    position = 0
    for page in reading.pages:
        starts.append(position)
        position += len(page) + len(PAGE_SEPARATOR)
    chunks = tuple(
        Chunk(
            start=start,
            end=start + len(passage),
            page=bisect_right(starts, start) if reading.numbered else None,
            text=passage,
        )
        for start, passage in TextSplitter(budget(text)).chunk_indices(text)
    )
    return Parsed(
        title=reading.title,
        pages=len(reading.pages) if reading.numbered else None,
        characters=len(text),
        cited_dois=reading.cited_dois,
        chunks=chunks,
    )


def budget(text: str) -> int:
    """The greatest number of characters in a passage of this text."""
    letters = sum(match.end() - match.start() for match in _LETTERS.finditer(text))
    cjk = sum(match.end() - match.start() for match in _CJK.finditer(text))
    return CJK_BUDGET if cjk and cjk >= CJK_SHARE * letters else LATIN_BUDGET
