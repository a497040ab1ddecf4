"""Parsers that other packages bring: docs/adding-a-kind.md shows one.

Only the process that reads documents loads them, before it takes its limits: a worker knows them by name and version.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from longshore.parsing.failures import crashed
from longshore.parsing.reading import Reading
from longshore.plugins import added, added_for, label


class Parser(Protocol):
    """The object of an entry point `longshore.parsers`, which is named as the extension of the files that it reads."""

    def __call__(self, path: Path, name: str) -> Reading:
        """
        Args:
            path: Where the file lies. Nothing may be written, and memory, time and open files are limited.
            name: What messages call it.

        Raises:
            ParseFailure: it cannot be read; whatever else is raised counts as `parser_crashed`.
        """
        ...


@cache
def load_parsers() -> Mapping[str, Parser | Exception]:
    """All that are installed, by extension; in the place of one that cannot be loaded the reason."""
    loaded: dict[str, Parser | Exception] = {}
    for name, point in added("longshore.parsers").items():
        try:
            loaded[name] = cast(Parser, point.load())
        except Exception as error:
            # Other people's code, whatever it raises, must not keep other files from being read.
            loaded[name] = error
    return loaded


def parser_label(name: str) -> str | None:
    """Who reads files of that name, if a further parser does."""
    point = added_for("longshore.parsers", name)
    return label(point) if point else None


def read_further(path: Path, name: str) -> Reading:
    """
    Raises:
        ParseFailure: the parser's own, or `parser_crashed` if it could not be loaded.
    """
    point = added_for("longshore.parsers", name)
    assert point is not None
    parser = load_parsers()[point.name]
    if isinstance(parser, Exception):
        raise crashed(name, f"{label(point)} cannot be loaded: {type(parser).__name__}: {parser}")
    return parser(path, name)
