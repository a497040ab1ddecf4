"""Texts that stand in the source itself: abstracts and notes. Small and already decoded, so they need no sandbox."""

from __future__ import annotations

import html
import re

from longshore.parsing.chunking import LATIN_BUDGET, cut
from longshore.parsing.html import read_markup
from longshore.parsing.model import Parsed
from longshore.parsing.text import read_plain

_DEEPEST = 20_000
"""Elements within each other. Reading HTML takes time that grows with the square of that: here half a second."""
_VOID = "area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr"
_NESTING = re.compile(rf"<(/?)(?!(?:{_VOID})\b)[a-z]", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def parse_text(text: str, media_type: str, latin: int = LATIN_BUDGET) -> Parsed:
    """Chunks of a text; none if it is blank, as a note that holds only a picture is.

    Args:
        media_type: `text/html`; anything else is taken as plain. HTML whose elements nest without end is taken for its
            words alone.
        latin: The most characters of a passage in Latin letters.
    """
    if media_type != "text/html":
        reading = read_plain(text)
    elif _is_bottomless(text):
        reading = read_plain(html.unescape(_TAG.sub(" ", text)))
    else:
        reading = read_markup(text)
    return cut(reading, latin)


def _is_bottomless(markup: str) -> bool:
    if markup.count("<") <= _DEEPEST:
        return False
    depth = 0
    for tag in _NESTING.finditer(markup):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEEPEST:
            return True
    return False
