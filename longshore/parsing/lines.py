"""Printed lines back into flowing text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_FULL_LINE = 0.7
_UNSPACED = r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff60]"
_BETWEEN_UNSPACED = re.compile(f"{_UNSPACED}\n{_UNSPACED}")
_HANGUL = re.compile(r"[가-힣]+")
_HANGUL_END = re.compile(r"[가-힣]+\Z")
# Particles that are never words of their own: a line that begins with one continues a word.
_PARTICLES = frozenset({"은", "는", "을", "를", "의", "에", "와", "과", "으로", "에서", "에게", "부터", "까지"})
_PARTICLE_SHARE = 0.04


def flow(page: str) -> str:
    """A page's text with the line breaks inside its paragraphs turned into spaces, or nothing where script has none.

    A line that is clearly shorter than the page's long ones (below 0.7 of their upper quartile) keeps its break: it is
    a heading, an entry of a list or the end of a paragraph. So a sentence is whole again, and passages can end with it.
    """
    lines = [line.strip() for line in page.split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    if not lengths:
        return ""
    full = _FULL_LINE * lengths[len(lengths) * 3 // 4]
    words = _words_torn_apart(lines)
    pieces: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        pieces.append(line)
        if len(line) < full or not following:
            pieces.append("\n")
        elif not (_BETWEEN_UNSPACED.match(f"{line[-1]}\n{following[0]}") or _is_one_word(line, following, words)):
            pieces.append(" ")
    return "".join(pieces).strip()


def _words_torn_apart(lines: Sequence[str]) -> frozenset[str] | None:
    """The Korean words that stand within lines, if these lines break words anywhere; None if they break at spaces only.

    Korean is set either way, and nothing in the text says which, except that no line broken at a space begins with a
    particle.
    """
    breaks = [
        start[0]
        for line, following in pairwise(lines)
        if _HANGUL_END.search(line) and (start := _HANGUL.match(following))
    ]
    particles = sum(start in _PARTICLES for start in breaks)
    if not particles or particles < _PARTICLE_SHARE * len(breaks):
        return None
    return frozenset(word for line in lines for word in _HANGUL.findall(line)[1:-1])


def _is_one_word(line: str, following: str, words: frozenset[str] | None) -> bool:
    """Whether a word goes on over the break: likelier than not, unless both parts are words and the whole is none."""
    if words is None:
        return False
    left, right = _HANGUL_END.search(line), _HANGUL.match(following)
    if not left or not right or left[0].endswith("를"):  # no word goes on after this particle
        return False
    return left[0] + right[0] in words or not (left[0] in words and right[0] in words)
