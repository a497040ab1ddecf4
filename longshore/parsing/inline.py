"""Texts that stand in the source itself: abstracts and notes. Small and already decoded, so they need no sandbox."""

from __future__ import annotations

from longshore.parsing.chunking import LATIN_BUDGET, cut
from longshore.parsing.html import read_markup
from longshore.parsing.model import Parsed
from longshore.parsing.text import read_plain


def parse_text(text: str, media_type: str, latin: int = LATIN_BUDGET) -> Parsed:
    """Chunks of a text; none if it is blank, as a note that holds only a picture is.

    Args:
        media_type: `text/html`; anything else is taken as plain.
        latin: The most characters of a passage in Latin letters.
    """
    reading = read_markup(text) if media_type == "text/html" else read_plain(text)
    return cut(reading, latin)
