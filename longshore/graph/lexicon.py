"""The lexical index's words: whole words, and for Hangul and Han every pair of neighbours.

Korean particles stick to their noun and Chinese has no spaces, so whole words would miss most of what is asked for.
"""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"[가-힣]+|[一-鿿぀-ヿ]+|[^\W_]+")
_PAIRED = re.compile(r"[가-힣一-鿿぀-ヿ]")


def tokens(text: str) -> list[str]:
    """The index words of a text, in order, with repetitions; NFKC, case folded."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        for piece in re.findall(r"[가-힣]+|[一-鿿぀-ヿ]+|[^가-힣一-鿿぀-ヿ]+", run):
            if _PAIRED.match(piece) and len(piece) > 1:
                found += [piece[i : i + 2] for i in range(len(piece) - 1)]
            else:
                found.append(piece)
    return found
