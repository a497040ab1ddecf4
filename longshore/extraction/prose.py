"""The running prose of a text: what is left without reference lists, running heads, links, citations and formulas."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from longshore.extraction import korean

_BREAK = " | "

_REFERENCES_HEADING = re.compile(
    r"^[ \t]*(?:[\divxlc]{1,5}[.)]?[ \t]+)?(?:references(?: and notes)?|bibliography|works cited|literature cited|"
    r"literatur(?:verzeichnis)?|참고[ ]?문헌|인용[ ]?문헌)[ \t]*:?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d")
_REFERENCE_SIGN = re.compile(
    r"\b(?:1[89]|20)\d\d[a-z]?\b|\b[A-Z]\.|\bet al\b|\bpp?\.|\bvol\.|\bno\.|\bdoi\b|https?:|\barxiv\b|\bin proc|"
    r"\beds?\.|^\s*\[\d+\]|\d+[-\N{EN DASH}]\d+|\b\d+\(\d+\)",
    re.IGNORECASE | re.MULTILINE,
)
# Signs per word. Below the lower bound a list has ended; above the upper one it began without a heading.
_MAY_BE_REFERENCES = 0.08
_IS_REFERENCES = 0.25
_FEWEST_WORDS = 25
_LONGEST_ENTRY = 60

_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w'’-]+"
_INITIALS = r"(?:[A-Z]\.[ -]?){1,4}"
# Each with what a text must contain for it to be worth looking for.
_NOT_PROSE = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        ("://", r"\bhttps?://\S+"),
        ("www.", r"\bwww\.\S+"),
        ("10.", r"\b10\.\d{4,9}/\S+"),
        ("@", r"[\w.+-]+@[\w-]+\.[\w.-]+"),
        ("$", r"\$[^$\n]{1,80}\$"),
        ("\\", r"\\[A-Za-z]+(?:\{[^{}\n]{0,80}\})*"),
        ("<", r"</?[A-Za-z][^<>\n]{0,80}>"),
        ("[", r"\[[\d,;\s\N{EN DASH}-]{1,40}\]"),
        ("(", r"\([^()]{0,200}\b(?:1[89]|20)\d\d[a-z]?\b[^()]{0,60}\)"),
        ("et al", rf"{_CAPITALISED}(?:(?:\s+(?:and|und|&)|,)\s+{_CAPITALISED})*,?\s+et\s+al\b\.?"),
        ("(", rf"{_CAPITALISED}(?:\s+(?:and|und|&)\s+{_CAPITALISED})?\s*\((?:1[89]|20)\d\d[a-z]?\)"),
        (".", rf"\b{_INITIALS}\s*{_CAPITALISED}"),
        (".", rf"{_CAPITALISED},\s+{_INITIALS}"),
    )
)
_SPLIT_WORD = re.compile(r"(?<=[a-zà-öø-ÿ])-[ \t]*\n[ \t]*(?=[a-zà-öø-ÿ])")
_SPLIT_HANGUL = re.compile("([가-힣]+)\n(?=([가-힣]+))")
_HANGUL_WORDS = re.compile("[가-힣]+")
_SHORT_LINE = 0.6
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BOUNDARY = re.compile(
    r"[^\w\s'\N{RIGHT SINGLE QUOTATION MARK}\N{HYPHEN}\N{NON-BREAKING HYPHEN}-]+|\n\s*\n|\s[-\s]*-(?=\s)"
)
_DIGITS = re.compile(r"\d+")
_RUNNING_HEAD_REPEATS = 3


def segments(passages: Sequence[str]) -> Iterator[list[str]]:
    """The words of each stretch of prose that no punctuation interrupts, in order."""
    texts = [_INVISIBLE.sub("", unicodedata.normalize("NFKC", passage)) for passage in passages]
    heads = _running_heads(texts)
    hangul = _Hangul.of(texts)
    for text in _without_references(texts):
        if heads:
            text = "\n".join(line if _shape(line) not in heads else _BREAK for line in text.split("\n"))
        text = _SPLIT_HANGUL.sub(hangul.rejoined, _SPLIT_WORD.sub("", _ended_early(text)))
        for sign, pattern in _NOT_PROSE:
            if sign in text:
                text = pattern.sub(_BREAK, text)
        for stretch in _BOUNDARY.split(text):
            words = stretch.split()
            if words:
                yield words


def _without_references(texts: Iterable[str]) -> Iterator[str]:
    in_list = False
    for text in texts:
        before, text, headed = _at_heading(text)
        if before:
            yield before
        in_list = headed or in_list
        density = _reference_density(text)
        if density is not None:
            in_list = density > (_MAY_BE_REFERENCES if in_list else _IS_REFERENCES)
        if not in_list:
            yield text


def _at_heading(text: str) -> tuple[str, str, bool]:
    """The text before the last heading of a reference list, the text after it, and whether there is one."""
    headings = list(_REFERENCES_HEADING.finditer(text))
    if not headings:
        return "", text, False
    return text[: headings[-1].start()], text[headings[-1].end() :], True


def _reference_density(text: str) -> float | None:
    """Signs per word; None if there are too few words to tell."""
    words = len(text.split())
    if words < _FEWEST_WORDS:
        return None
    # Every entry has a year, so that prose is seldom looked at more closely.
    if len(_YEAR.findall(text)) * _LONGEST_ENTRY < words:
        return 0.0
    return len(_REFERENCE_SIGN.findall(text)) / words


@dataclass(frozen=True)
class _Hangul:
    """The Korean words of a text. It is often set with line ends amid words, which only these can tell."""

    words: frozenset[str]
    within_lines: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> _Hangul:
        lines = [_HANGUL_WORDS.findall(line) for text in texts for line in text.split("\n")]
        return cls(
            frozenset(korean.stem(word) for line in lines for word in line),
            frozenset(korean.stem(word) for line in lines for word in line[1:-1]),
        )

    def rejoined(self, broken: re.Match[str]) -> str:
        """Two pieces are one word if the text has that word, and does not have both of them, elsewhere."""
        left, right = broken[1], broken[2]
        two_words = korean.stem(left) in self.within_lines and korean.stem(right) in self.within_lines
        return left if korean.stem(left + right) in self.words and not two_words else left + " "


def _ended_early(text: str) -> str:
    """A line much shorter than the others is a heading, or the last of a paragraph."""
    lines = text.split("\n")
    full = max(map(len, lines))
    return "\n".join(line + _BREAK if len(line) < _SHORT_LINE * full else line for line in lines)


def _running_heads(texts: Sequence[str]) -> frozenset[str]:
    """The lines that a journal prints on page after page: equal up to their numbers."""
    lines = Counter(_shape(line) for text in texts for line in text.split("\n"))
    return frozenset(
        line
        for line, count in lines.items()
        if count >= _RUNNING_HEAD_REPEATS and len(line.split()) > 1 and len(line) < 120
    )


def _shape(line: str) -> str:
    return _DIGITS.sub("0", line.strip())
