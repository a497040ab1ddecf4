"""What source code says in words: its comments and documentation, without their marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node, Query, QueryCursor

from longshore.parsing.reading import Remark

_MARKS = re.compile(
    r"""^\s*(?:[rRbBuU]{0,2}(?:\"{3}|'{3}|"|')|/\*[*!]*|//[/!]*|\*+/|\*+(?=\s|$)|\#!.*|\#+)|(?:\*+/|\"{3}|'{3}|"|')\s*$"""
)
# Said to a program, not to a reader.
_DIRECTIVE = re.compile(
    r"^\s*(?:noqa|type:|mypy:|pylint:|ruff:|fmt:|pragma\b|eslint|@ts-|prettier-|go:|\+build|nolint|SPDX-|clang-|rubocop:)"
    r"|shellcheck "
)


def remarks(root: Node, query: Query) -> Iterator[Remark]:
    """Line by line, in the order of the text."""
    nodes = {node.start_byte: node for nodes in QueryCursor(query).captures(root).values() for node in nodes}
    for _, node in sorted(nodes.items()):
        written = (node.text or b"").decode(errors="replace").rstrip("\n")
        for number, line in enumerate(written.split("\n"), start=node.start_point.row + 1):
            words = _MARKS.sub("", line).strip()
            if not _DIRECTIVE.search(words):
                yield Remark(number, words)
