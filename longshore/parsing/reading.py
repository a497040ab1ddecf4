"""What a reader hands on: clean text, before it is cut into chunks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Postgres stores no NUL, UTF-8 has no surrogates, and the other controls are debris of broken font tables.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u00ad\ud800-\udfff\ufeff\ufffe\uffff]")
_LIGATURE = re.compile(r"[\ufb00-\ufb06]")


@dataclass(frozen=True)
class Reading:
    """The text of a document, page by page; a single page that is not `numbered` if it has none."""

    pages: list[str]
    numbered: bool = False
    title: str | None = None
    cited_dois: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Composed (NFC) text with `\\n` as its only line end, ligatures spelled out and without control characters."""
    text = text.replace("\r\n", "\n").replace("\r", " ")
    text = _LIGATURE.sub(lambda ligature: unicodedata.normalize("NFKC", ligature[0]), _NOT_TEXT.sub("", text))
    return unicodedata.normalize("NFC", text)
