"""Printed lines back into flowing text."""

from __future__ import annotations

import re

_FULL_LINE = 0.7
_UNSPACED_END = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff60]\Z")
_UNSPACED_START = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff60]")


def flow(page: str) -> str:
    """A page's text with the line breaks inside its paragraphs turned into spaces (nothing between Han or Kana).

    A line that is clearly shorter than the page's long ones (below 0.7 of their upper quartile) keeps its break: it is
    a heading, an entry of a list or the end of a paragraph. So a sentence is whole again, and passages can end with it.
    """
    lines = [line.strip() for line in page.split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    if not lengths:
        return ""
    full = _FULL_LINE * lengths[len(lengths) * 3 // 4]
    pieces: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        pieces.append(line)
        if len(line) < full or not following:
            pieces.append("\n")
        elif not (_UNSPACED_END.search(line) and _UNSPACED_START.match(following)):
            pieces.append(" ")
    return "".join(pieces).strip()
