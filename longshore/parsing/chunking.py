"""Cuts text into passages at its own seams: sections first, then paragraphs, then sentences, then words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from longshore.parsing.model import Chunk, Parsed
from longshore.parsing.outline import Passage, passages
from longshore.parsing.reading import PAGE_SEPARATOR, Reading, Remark
from longshore.parsing.splitting import split

LATIN_BUDGET = 900
CJK_BUDGET = 500
"""A Hangul syllable or a Han character says about as much as two Latin letters, and costs a model as much."""
CJK_SHARE = 0.3
"""From this share of the letters on the text counts as CJK; for the same reason it is less than a half."""

_CJK = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
_LETTERS = re.compile(r"[^\W\d_]+")


def cut(reading: Reading, latin: int = LATIN_BUDGET) -> Parsed:
    """The reading as passages; none if it holds nothing but white space.

    The whole text is the pages joined by `PAGE_SEPARATOR`; offsets count its Unicode characters. Passages come in
    order, do not overlap and leave out white space only. `page` is the one where a passage starts.

    Args:
        latin: The most characters of a passage in Latin letters.
    """
    text = PAGE_SEPARATOR.join(reading.pages)
    starts = []
    position = 0
    for page in reading.pages:
        starts.append(position)
        position += len(page) + len(PAGE_SEPARATOR)
    chunks = tuple(
        Chunk(
            start=passage.start,
            end=passage.end,
            page=bisect_right(starts, passage.start) if reading.numbered else None,
            heading=passage.heading,
            text=text[passage.start : passage.end],
        )
        for passage in _passages(text, reading, budget(text, latin))
    )
    if reading.lined:
        chunks = tuple(_placed(chunks, text, reading.remarks))
    return Parsed(
        title=reading.title,
        about=reading.about,
        pages=len(reading.pages) if reading.numbered else None,
        characters=len(text),
        cited_dois=reading.cited_dois,
        references=reading.references,
        chunks=chunks,
    )


def _passages(text: str, reading: Reading, most: int) -> Iterator[Passage]:
    if reading.sections:
        yield from passages(text, reading.sections, most)
        return
    for start, passage in split(text, most):
        yield Passage(start, start + len(passage), None)


def budget(text: str, latin: int = LATIN_BUDGET) -> int:
    """The greatest number of characters in a passage of this text, given that for Latin letters."""
    letters = sum(match.end() - match.start() for match in _LETTERS.finditer(text))
    cjk = sum(match.end() - match.start() for match in _CJK.finditer(text))
    return cjk_budget(latin) if cjk and cjk >= CJK_SHARE * letters else latin


def cjk_budget(latin: int) -> int:
    return latin * CJK_BUDGET // LATIN_BUDGET


def _placed(chunks: Iterable[Chunk], text: str, remarks: Sequence[Remark] | None) -> Iterator[Chunk]:
    """With the lines that they touch, and what is prose in them."""
    ends = [found.start() for found in re.finditer("\n", text)]
    for chunk in chunks:
        first, last = bisect_left(ends, chunk.start) + 1, bisect_left(ends, chunk.end) + 1
        prose = None if remarks is None else _prose(remarks, first, last)
        yield chunk.model_copy(update={"lines": (first, last), "prose": prose})


def _prose(remarks: Sequence[Remark], first: int, last: int) -> str:
    """Remarks on lines that follow each other are one paragraph."""
    said: list[str] = []
    before = first
    for number in range(bisect_left(remarks, first, key=_line), bisect_right(remarks, last, key=_line)):
        remark = remarks[number]
        said.append(f"\n{remark.words}" if remark.line > before + 1 else remark.words)
        before = remark.line
    return "\n".join(said).strip()


def _line(remark: Remark) -> int:
    return remark.line
