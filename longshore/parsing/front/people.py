"""Names of people as papers print them: told from other words with care, for no author is better than a wrong one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from longshore.parsing.model import Person

_MOST = 60
_SEPARATOR = re.compile(r"\s*(?:[,;·•，、|]|\band\b|\bund\b|\bet\b|&)\s*")
# Marks of footnotes and affiliations: raised digits and letters, signs, and what is in brackets.
_MARKS = re.compile(r"[\d*†‡§¶‖#∗⋆∥⊥◦⁰¹²³⁴⁵⁶⁷⁸⁹ªº]+|\([^()]*\)|\[[^\[\]]*\]|\S+@\S+")
_TITLES = re.compile(r"^(?:dr|prof|professor|ph\.?d|m\.?sc|mr|ms|mrs)\.?\s+", re.IGNORECASE)
_WORD = r"[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*"
_INITIAL = r"(?:[^\W\d_a-z]\.-?){1,4}"
_PARTICLES = frozenset(
    ("van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ten", "ter", "zu", "bin")
)
_LATIN_NAME = re.compile(rf"(?:{_WORD}|{_INITIAL})(?:\s+(?:{_WORD}|{_INITIAL}|{'|'.join(sorted(_PARTICLES))})){{1,4}}")
_ENDS_WITH_WORD = re.compile(rf"{_WORD}$")
_KOREAN_NAME = re.compile(r"[가-힣]{2,4}")
_TWO_SYLLABLES = frozenset(("남궁", "독고", "동방", "사공", "서문", "선우", "제갈", "황보"))
"""Korean family names that are no single syllable."""
_PLACE = re.compile(
    r"@|\b(?:universit|institut|department|dept\b|laborator|school of|college|faculty|academ|research cent|centre for"
    r"|center for|inc\b|gmbh|corporation)|대학|연구원|연구소|학과|학부|주식회사",
    re.IGNORECASE,
)
BODY = re.compile(
    r"^[ \t]*(?:\d+\.?[ \t]+)?(?:abstract|summary|introduction|keywords|초록|요약|서론|요 약|초 록)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that a paper's body, or what leads to it, begins with."""
_LINES_OF_NAMES = 4
_LINES_OF_PLACES = 12
_LONGEST_LINE = 500


def printed_authors(lines: Sequence[str]) -> tuple[Person, ...]:
    """The names right below a title; none unless every one looks like a name and something shows that authors stand
    there: marks of affiliations, or an institution or address before the body begins.

    Args:
        lines: what the page has below its title.
    """
    front = [line[:_LONGEST_LINE] for line in takewhile(lambda line: not BODY.match(line), lines[:_LINES_OF_PLACES])]
    names: list[str] = []
    marked = False
    for line in front[:_LINES_OF_NAMES]:
        found = [] if _PLACE.search(line) else _names(line)
        if not found:
            break
        marked = marked or bool(re.search(r"[^\W\d_][\d*†‡§¶∗]", line))
        names += found
    placed = any(_PLACE.search(line) for line in front)
    if not names or not (placed or (marked and len(names) > 1)):
        return ()
    return tuple(map(person, names))


def claimed_authors(claims: Sequence[str], page: str) -> tuple[Person, ...]:
    """The names that metadata claims, if they are names and the page prints the last word of every one.

    What a word processor claims is whoever its licence was sold to.
    """
    names = [name for claim in claims[:_MOST] for name in _claimed(claim)][:_MOST]
    printed = page.casefold()
    if not names or not all(_stands_in(printed, _last(name)) for name in names):
        return ()
    return tuple(dict.fromkeys(map(person, names)))


def person(name: str) -> Person:
    """Family and given name; particles go with the family, and a Korean one comes first."""
    if _KOREAN_NAME.fullmatch(name):
        length = 2 if name[:2] in _TWO_SYLLABLES and len(name) > 2 else 1
        return Person(family=name[:length], given=name[length:])
    if ", " in name:
        family, given = name.split(", ", 1)
        return Person(family=family, given=given)
    words = name.split()
    if len(words) == 1:
        return Person(family=name)
    first = len(words) - 1
    while first > 1 and words[first - 1].casefold() in _PARTICLES:
        first -= 1
    return Person(family=" ".join(words[first:]), given=" ".join(words[:first]))


def _names(line: str) -> list[str]:
    """The names on a line that holds nothing else."""
    # A raised mark may take the place of the comma behind it: `A. Author1 B. Author2`.
    parts = [part for part in _SEPARATOR.split(_MARKS.sub(",", line)) if part]
    names = [_TITLES.sub("", part).strip(" .") if not part.endswith(".") else part for part in parts]
    return names if all(map(_is_name, names)) else []


def _is_name(text: str) -> bool:
    if _KOREAN_NAME.fullmatch(text):
        return True
    return bool(_LATIN_NAME.fullmatch(text)) and bool(_ENDS_WITH_WORD.search(text)) and len(_last(text)) > 1


def _claimed(claim: str) -> list[str]:
    """One claim is a name (`Family, Given` or `Given Family`) or several, by semicolons, `and` or commas."""
    if ";" in claim or re.search(r"\s(?:and|&)\s", claim):
        parts = re.split(r"\s*;\s*|\s*,?\s(?:and|&)\s", claim)
        parts = [inner for part in parts for inner in (part.split(", ") if part.count(",") > 1 else [part])]
    elif claim.count(",") == 1 and len(claim.partition(",")[0].split()) == 1:
        parts = [claim]
    else:
        parts = re.split(r"\s*,\s*", claim)
    names = [_TITLES.sub("", part.strip()) for part in parts if part.strip()]
    straight = [" ".join(reversed(name.split(", "))) if name.count(",") == 1 else name for name in names]
    return names if all(map(_is_name, straight)) else []


def _stands_in(printed: str, word: str) -> bool:
    """A mark of an affiliation may follow it; another letter may not."""
    return bool(re.search(rf"(?<![^\W\d_]){re.escape(word.casefold())}(?![^\W\d_])", printed))


def _last(name: str) -> str:
    """The word that a page must show: of a Korean name all of it."""
    return name if _KOREAN_NAME.fullmatch(name) else person(name).family.split()[-1]
