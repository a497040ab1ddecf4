"""Which of the languages that are told apart a text is in."""

from __future__ import annotations

import re
from typing import Literal

Language = Literal["en", "ko", "other"]
"""`en` is whatever is written in Latin letters."""

_KOREAN_SHARE = 0.3
"""Of the letters. Korean papers are full of English terms, English ones have hardly any Hangul."""
_LETTERS = re.compile(r"[^\W\d_]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def language_of(text: str) -> Language:
    """By the script of its letters."""
    letters = len(_LETTERS.findall(text))
    if letters and len(_HANGUL.findall(text)) >= _KOREAN_SHARE * letters:
        return "ko"
    return "en" if len(_LATIN.findall(text)) * 2 > letters else "other"
