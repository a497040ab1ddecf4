"""A document's title from how it is set: the largest type on its first page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

_LARGER_THAN_BODY = 1.1
_MIN_LETTERS = 4
_MAX_CHARACTERS = 300


@dataclass(frozen=True)
class Typeset:
    """A character and the size, in points, it is printed in; 0 for one that takes its neighbour's (a space)."""

    character: str
    size: float


def title_of(page: Iterable[Typeset]) -> str | None:
    """The first stretch of the largest type that reads like a title; None if no type stands out from the body's.

    Drop capitals and page numbers are larger but too short, pull quotes too long; then the next size is asked.
    """
    stretches = _stretches(page)
    sizes: Counter[float] = Counter()
    for size, text in stretches:
        sizes[size] += len(text)
    if not sizes:
        return None
    body = max(sizes.items(), key=lambda entry: (entry[1], entry[0]))[0]
    for wanted in sorted(sizes, reverse=True):
        if wanted <= body * _LARGER_THAN_BODY:
            return None
        for size, text in stretches:
            if size == wanted and sum(map(str.isalpha, text)) >= _MIN_LETTERS and len(text) <= _MAX_CHARACTERS:
                return text
    return None


def _stretches(page: Iterable[Typeset]) -> list[tuple[float, str]]:
    """Runs of one size, rounded to half points, as (size, text)."""
    sized: list[tuple[float, str]] = []
    size = 0.0
    for glyph in page:
        size = round(glyph.size * 2) / 2 or size
        sized.append((size, glyph.character))
    runs = ((size, "".join(character for _, character in run)) for size, run in groupby(sized, key=itemgetter(0)))
    return [(size, " ".join(text.split())) for size, text in runs if text.strip()]
