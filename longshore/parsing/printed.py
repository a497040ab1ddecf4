"""Headings of printed pages: from a document's bookmarks, else from the numbers that its sections bear.

Type sizes tell a heading from a caption, a running head or a list too seldom. Numbers that follow each other from 1 on
do, and so does a bookmark whose words stand on a line of the page that it leads to.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from longshore.parsing.headings import Heading, sections_of
from longshore.parsing.reading import Section

MOST_BOOKMARKS = 2000
_DEEPEST = 6
_LEAST = 3
"""Bookmarks, or numbers of the highest level; fewer may be anything."""
_LONGEST = 120
_MOST_CANDIDATES = 2000
_LARGEST_PAGE = 200_000
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?[ \t]+(\S.*)")
_ROMAN = re.compile(r"([IVX]{1,5})\.[ \t]+(\S.*)")
_ROMAN_NUMBERS = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
    "XI": 11,
    "XII": 12,
}
_UNNUMBERED = re.compile(
    r"abstract|summary|acknowledge?ments?|references|bibliography|appendix(?: [A-Z])?"
    r"|초록|요약|감사의 글|참고[ ]?문헌|부록",
    re.IGNORECASE,
)
# The line of a table of contents leads to a page, a sentence ends, and names of running heads are cut short.
_NO_TITLE = re.compile(r"(?:\.{3,}|[ .]\d{1,4}|[.,;:]|\bet al\.?)$")
_TITLE = re.compile(r"[^\W\d_a-z]")
_LEAST_LETTERS = 2


class Bookmark(NamedTuple):
    page: int
    """From 0."""
    level: int
    """From 1."""
    title: str


@dataclass(frozen=True)
class _Candidate:
    """A line that may be a heading; without a number it is one of the words that head what bears none."""

    start: int
    number: tuple[int, ...]
    title: str


class PrintedHeadings:
    """Feed it every page in order, then ask for the sections."""

    def __init__(self, bookmarks: Iterable[Bookmark]) -> None:
        self._wanted: dict[int, list[Bookmark]] = {}
        for bookmark in bookmarks:
            self._wanted.setdefault(bookmark.page, []).append(bookmark)
        self._marked: list[Heading] = []
        self._candidates: list[_Candidate] = []

    def feed(self, page: int, printed: str, flowed: str, offset: int) -> None:
        """
        Args:
            page: From 0.
            printed: Its text, line by line.
            flowed: The same as it is kept.
            offset: Where this begins in the whole text.
        """
        if len(printed) > _LARGEST_PAGE:
            return
        lines = [line.strip() for line in printed.split("\n")]
        self._marked += _found(self._wanted.get(page, ()), lines, flowed, offset)
        position = 0
        for index, line in enumerate(lines):
            if len(self._candidates) >= _MOST_CANDIDATES:
                return
            candidate = _candidate(line) if len(line) <= _LONGEST else None
            # A number at the edge of a page is the page's.
            edge = index in (0, len(lines) - 1) and page > 0
            if candidate is None or (edge and len(candidate[0]) == 1):
                continue
            if (start := flowed.find(line, position)) >= 0:
                self._candidates.append(_Candidate(offset + start, *candidate))
                position = start + len(line)

    def sections(self, end: int) -> tuple[Section, ...]:
        """None, where neither bookmarks nor numbers tell.

        Args:
            end: Of the whole text.
        """
        if len(self._marked) >= _LEAST:
            return tuple(sections_of(sorted(self._marked), end))
        headings = list(_numbered(self._candidates))
        if sum(heading.level == 1 and not _UNNUMBERED.fullmatch(heading.title) for heading in headings) < _LEAST:
            return ()
        return tuple(sections_of(headings, end))


def _found(bookmarks: Sequence[Bookmark], lines: Sequence[str], flowed: str, offset: int) -> Iterator[Heading]:
    """Bookmarks in the order of the page; many programs leave the number out of them."""
    position = 0
    told = {_core(line): line for line in reversed(lines) if len(line) <= _LONGEST} if bookmarks else {}
    for bookmark in bookmarks:
        core = _core(bookmark.title)
        if core and core in told and (start := flowed.find(told[core], position)) >= 0:
            yield Heading(offset + start, min(bookmark.level, _DEEPEST), told[core])
            position = start + len(told[core])


def _core(line: str) -> str:
    """The words without a number before them; letters that might be one go too, in a bookmark as in a line."""
    return _folded(line).lstrip("0123456789ivx")


def _candidate(line: str) -> tuple[tuple[int, ...], str] | None:
    if _UNNUMBERED.fullmatch(line):
        return (), line
    if _NO_TITLE.search(line):
        return None
    if found := _NUMBERED.fullmatch(line):
        number = tuple(map(int, found[1].split(".")))
    elif (found := _ROMAN.fullmatch(line)) and found[1] in _ROMAN_NUMBERS:
        number = (_ROMAN_NUMBERS[found[1]],)
    else:
        return None
    title = found[2]
    return (number, line) if _TITLE.match(title) and sum(map(str.isalpha, title)) >= _LEAST_LETTERS else None


def _numbered(candidates: Sequence[_Candidate]) -> Iterator[Heading]:
    """Those whose numbers follow each other. A line that several pages show is a running head."""
    shown = Counter(candidate.title for candidate in candidates)
    last: tuple[int, ...] = ()
    for candidate in candidates:
        if shown[candidate.title] > 1:
            continue
        if not candidate.number:
            yield Heading(candidate.start, 1, candidate.title)
        elif candidate.number in _next(last):
            last = candidate.number
            yield Heading(candidate.start, len(last), candidate.title)


def _next(last: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The first within, and the one after each that it is within."""
    yield (*last, 1)
    for depth in range(len(last)):
        yield (*last[:depth], last[depth] + 1)


def _folded(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))
