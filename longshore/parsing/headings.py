"""From headings to the sections that they head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from longshore.parsing.reading import Section

_MAX_TITLE = 300


class Heading(NamedTuple):
    start: int
    level: int
    """From 1, the highest, to 6."""
    title: str


def sections_of(headings: Sequence[Heading], end: int) -> Iterator[Section]:
    """Each lasts until the next heading of its own or a higher level; one without a title heads nothing.

    Args:
        headings: in the order of the text.
        end: of the text.
    """
    ends: list[int] = []
    following = [end] * 7
    for heading in reversed(headings):
        ends.append(min(following[: heading.level + 1]))
        following[heading.level] = heading.start
    for heading in headings:
        last = ends.pop()
        if heading.title:
            yield Section(heading.start, last, heading.title[:_MAX_TITLE])
