"""Rich Text Format: the text without its dress."""

from __future__ import annotations

from striprtf.striprtf import rtf_to_text

from longshore.parsing.model import ParseFailure
from longshore.parsing.reading import Reading
from longshore.parsing.text import read_plain


def read_rtf(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `corrupt` if its escapes mean nothing.
    """
    try:
        # RTF is ASCII; other characters stand in escapes, which name their own code page.
        return read_plain(rtf_to_text(data.decode("latin-1"), errors="replace"))
    except (ValueError, LookupError, RecursionError) as error:
        raise ParseFailure("corrupt", f"{name} is damaged and cannot be read.", "Save it again.") from error
