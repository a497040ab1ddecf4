"""Which words of a query a passage holds, as a person wrote them."""

from __future__ import annotations

import re
from collections.abc import Collection

from longshore.graph.lexicon import tokens

_SYLLABLE = re.compile(r"[가-힣一-鿿぀-ヿ]")


def has_syllables(text: str) -> bool:
    """Whether there is anything in it that is indexed by pairs: Hangul, Han or Kana."""
    return _SYLLABLE.search(text) is not None


def stands_for_pairs(word: str) -> bool:
    """A lone syllable stands for all pairs that begin with it, since the index holds pairs."""
    return len(word) == 1 and has_syllables(word)


def matched_words(query: str, telling: Collection[str], passage: str) -> list[str]:
    """The query's words that the passage holds, folded as the index folds them, each once, in the query's order.

    Pairs of syllables that follow each other are joined again: 컨테 and 테이 read as 컨테이.

    Args:
        telling: The index words that count.
    """
    held = set(tokens(passage))
    found: dict[str, None] = {}
    for word in query.split():
        piece = ""
        for token in tokens(word):
            if token in telling and _holds(held, token):
                if piece and _follows(piece, token):
                    piece += token[1]
                    continue
            else:
                token = ""
            if piece:
                found[piece] = None
            piece = token
        if piece:
            found[piece] = None
    return list(found)


def _holds(held: Collection[str], token: str) -> bool:
    if stands_for_pairs(token):
        return any(word.startswith(token) for word in held)
    return token in held


def _follows(piece: str, token: str) -> bool:
    return len(token) == 2 and has_syllables(token) and piece[-1] == token[0]
