"""A word's part in a term, by its script."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from longshore.extraction import english, korean

_EDGES = "'’-‐‑_"
_HANGUL = re.compile("[가-힣]+")
_KOREAN = re.compile("(?P<latin>.*?)(?P<hangul>[가-힣]+)")
# Scripts whose words are not set apart by spaces would pass for words as long as their sentences.
_UNSPACED = re.compile("[぀-ヿ㐀-鿿ᄀ-ᇿ㄰-㆏฀-๿]")
_LONGEST_WORD = 40


class Word(NamedTuple):
    """A word that can be part of a term."""

    form: str
    """Normalised: case and plural folded, particles stripped."""
    surface: str
    heads: bool
    """A term may end in it."""
    empty: bool
    """It says too little to make a term with its like."""
    alone: bool
    """It can be a term by itself."""
    closes: bool
    """A particle follows: the next word begins another term."""


class Words:
    """The words of one text, each looked at once; what Korean particles are depends on all of them."""

    def __init__(self, raw_words: Iterable[str]) -> None:
        raw = sorted(set(raw_words))
        proven = korean.proven_nouns({word.strip(_EDGES) for word in raw if _HANGUL.fullmatch(word.strip(_EDGES))})
        self._words = {word: _word(word.strip(_EDGES), proven) for word in raw}

    def __getitem__(self, raw: str) -> Word | None:
        """None for a word that no term may contain."""
        return self._words[raw]


def _word(raw: str, proven: frozenset[str]) -> Word | None:
    if len(raw) > _LONGEST_WORD or "_" in raw or _UNSPACED.search(raw):
        return None
    if _HANGUL.fullmatch(raw):
        return _korean(raw, proven)
    mixed = _KOREAN.fullmatch(raw)
    if mixed:
        return _mixed(mixed["latin"].rstrip(_EDGES), mixed["hangul"], proven)
    return _latin(raw)


@lru_cache(maxsize=20_000)
def _latin(raw: str) -> Word | None:
    surface = re.sub("['’]s$", "", raw).replace("’", "'").replace("‐", "-").replace("‑", "-")
    lower = surface.casefold()
    letters = sum(map(str.isalpha, surface))
    digits = sum(map(str.isdigit, surface))
    if letters < 2 and not re.fullmatch("[2-4]d", lower):
        return None
    if digits > letters + 1 or (surface[0].isdigit() and not re.match(r"\d-?[a-z]{2,}|\dd\b", lower)):
        return None
    if lower in english.STOP_WORDS or english.is_adverb(lower) or re.fullmatch(r"\d+(?:st|nd|rd|th)", lower):
        return None
    form = english.singular(lower)
    empty = form in english.EMPTY
    return Word(
        form=form,
        surface=surface,
        heads=english.ends_term(lower),
        empty=empty,
        alone=english.ends_term(lower) and not empty and form not in english.GENERAL and len(form) > 2,
        closes=False,
    )


def _korean(raw: str, proven: frozenset[str]) -> Word | None:
    found = korean.noun(raw, proven)
    if found is None:
        return None
    stem, closes = found
    heads = korean.ends_term(stem)
    empty = stem in korean.EMPTY
    return Word(form=stem, surface=stem, heads=heads, empty=empty, alone=heads and not empty, closes=closes)


def _mixed(latin: str, hangul: str, proven: frozenset[str]) -> Word | None:
    word = _latin(latin) if latin else None
    if word is None:
        return None
    if korean.particle_of(hangul):
        return word._replace(closes=True)
    tail = korean.noun(hangul, proven) if len(hangul) > 1 else (hangul, False)
    if tail is None:
        return None
    stem, closes = tail
    form = word.form + stem
    return Word(form=form, surface=word.surface + stem, heads=True, empty=False, alone=True, closes=closes)
