"""Symbols of a source text: functions, classes and their like, as sections that begin and end with a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from tree_sitter import Node, Query, QueryCursor

from longshore.parsing.reading import Section

# What stands right above a symbol and belongs to it: its comment, its annotations, its template parameters.
_BELONGS = re.compile(r"[ \t]*(?:#(?!include|define|if|endif|else|pragma)|//|/\*|\*|@|template\b|\[\w)")
_MAX_NAME = 80
_HELPERS = frozenset({"name", "owner", "trait_name"})


def symbols(root: Node, query: Query, text: str) -> tuple[Section, ...]:
    """Sorted by start, outer before inner.

    Args:
        text: what the tree was made from.
    """
    found = sorted(
        (node.start_point.row, -node.end_point.row, node.start_byte, -node.end_byte, _title(word, captures))
        for _, captures in QueryCursor(query).matches(root)
        for word, (node, *_) in captures.items()
        if word not in _HELPERS
    )
    lines = [(first, -last, title) for first, last, _, _, title in found]
    return tuple(_sections(dict.fromkeys(lines), text.split("\n")))


def _sections(found: Iterable[tuple[int, int, str]], lines: Sequence[str]) -> Iterator[Section]:
    """Args: found: first and last line, from 0, and title of each symbol; sorted, outer before inner."""
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    outer: list[tuple[int, str]] = []
    free = 0
    for first, last, title in found:
        while outer and outer[-1][0] < first:
            free = outer.pop()[0] + 1
        if outer and (last > outer[-1][0] or outer[-1] == (last, title)):
            continue  # It begins where another ends, or is what stands within its own decorator.
        begin = first
        while begin > free and _BELONGS.match(lines[begin - 1]):
            begin -= 1
        yield Section(starts[begin], starts[last + 1] - 1, title)
        outer.append((last, title))
        free = first + 1


def _title(word: str, captures: dict[str, list[Node]]) -> str:
    name = _written(captures["name"][0])
    if word == "call":
        return f"{name.partition('(')[0].strip(' *&')}()"
    if "owner" in captures:
        return f"{word} ({_written(captures['owner'][0])}) {name}"
    if "trait_name" in captures:
        return f"{word} {_written(captures['trait_name'][0])} for {name}"
    return f"{word} {name}"


def _written(node: Node) -> str:
    text = " ".join((node.text or b"").decode(errors="replace").split())
    return text if len(text) <= _MAX_NAME else text[: _MAX_NAME - 1] + "…"
