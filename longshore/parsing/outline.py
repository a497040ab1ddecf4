"""Passages of a text that has sections: cut where sections begin, each told what it stands under."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from longshore.parsing.reading import Section
from longshore.parsing.splitting import split

_MOST_LEVELS = 16
_MAX_HEADING = 300
_CRUMB = 120
"""Characters that make no passage of their own."""


@dataclass(frozen=True)
class Passage:
    start: int
    end: int
    heading: str | None


@dataclass
class _Node:
    start: int
    end: int
    title: str
    inner: list[_Node] = field(default_factory=list)


@dataclass(frozen=True)
class _Unit:
    """A stretch that stands under `path`: a section as a whole, by name, or what lies beside and between sections."""

    start: int
    end: int
    path: tuple[str, ...]
    name: str | None = None


def passages(text: str, sections: Sequence[Section], budget: int) -> Iterator[Passage]:
    """The text in order and without overlap, white space between passages left out.

    A section that fits is never cut; neighbours under one heading share a passage as long as they fit. One that does
    not fit is cut at the sections in it, and where it has none as any text is.

    Args:
        sections: sorted by start, outer before inner.
        budget: the greatest number of characters in a passage.
    """
    together: list[_Unit] = []
    for unit in _units(text, _tree(len(text), sections), (), budget):
        if together and not (_fits(text, together[0].start, unit.end, budget) and _belong(together, unit)):
            yield _passage(text, together)
            together = []
        together.append(unit)
    if together:
        yield _passage(text, together)


def _tree(length: int, sections: Iterable[Section]) -> _Node:
    root = _Node(0, length, "")
    stack = [root]
    for section in sections:
        while section.start >= stack[-1].end:
            stack.pop()
        if len(stack) <= _MOST_LEVELS:
            node = _Node(section.start, min(section.end, stack[-1].end), section.title)
            stack[-1].inner.append(node)
            stack.append(node)
    return root


def _units(text: str, node: _Node, path: tuple[str, ...], budget: int) -> Iterator[_Unit]:
    position = node.start
    for inner in node.inner:
        yield from _pieces(text, position, inner.start, path, budget)
        if _fits(text, inner.start, inner.end, budget):
            yield _Unit(inner.start, inner.end, path, inner.title)
        else:
            yield from _units(text, inner, (*path, inner.title), budget)
        position = inner.end
    yield from _pieces(text, position, node.end, path, budget)


def _pieces(text: str, start: int, end: int, path: tuple[str, ...], budget: int) -> Iterator[_Unit]:
    if not text[start:end].strip():
        return
    if _fits(text, start, end, budget):
        yield _Unit(start, end, path)
        return
    for offset, piece in split(text[start:end], budget, trim=False):
        if piece.strip():
            yield _Unit(start + offset, start + offset + len(piece), path)


def _belong(together: Sequence[_Unit], unit: _Unit) -> bool:
    """Whether a unit goes on with those before it; a mere heading goes with the first that stands under it."""
    path = together[-1].path
    crumb = together[-1].end - together[0].start <= _CRUMB and not any(each.name for each in together)
    return unit.path == path or (crumb and unit.path[: len(path)] == path)


def _fits(text: str, start: int, end: int, budget: int) -> bool:
    start, end = _trimmed(text, start, end)
    return end - start <= budget


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space at the ends, but with the indentation of the first line."""
    stretch = text[start:end]
    blank = len(stretch) - len(stretch.lstrip())
    line = stretch.rfind("\n", 0, blank) + 1
    return start + line, start + max(line, len(stretch.rstrip()))


def _passage(text: str, units: Sequence[_Unit]) -> Passage:
    start, end = _trimmed(text, units[0].start, units[-1].end)
    return Passage(start, end, _heading(units[-1].path, [unit.name for unit in units if unit.name]))


def _heading(path: tuple[str, ...], names: Iterable[str]) -> str | None:
    heading = " > ".join((*path, *filter(None, [", ".join(dict.fromkeys(names))])))
    return (heading if len(heading) <= _MAX_HEADING else heading[: _MAX_HEADING - 1] + "…") or None
