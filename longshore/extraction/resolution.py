"""Which terms mean the same concept: spelled alike once normalised, or a slip of the pen apart."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, groupby

from rapidfuzz.distance import OSA

from longshore.extraction import english

_PIECES = re.compile(r"\d+|[^\W\d_]+[+#]*")
_HANGUL = re.compile("[가-힣]")
_LATIN = re.compile("[a-zß-öø-ÿ]+")
_BRITISH = (
    (re.compile("isation(al)?$"), r"ization\1"),
    (re.compile("^(arm|behavi|col|endeav|fav|flav|harb|hon|hum|lab|neighb|rig|rum|tum|vap)our"), r"\1or"),
    (re.compile("^(anal|catal|dial)ogue$"), r"\1og"),
    (re.compile("^(calib|cent|fib|lit|met|theat)re$"), r"\1er"),
    (re.compile("^(def|lic|off)ence$"), r"\1ense"),
    (re.compile("([ae]l)l(ing|ed|er)$"), r"\1\2"),
    (re.compile("^programme$"), "program"),
)

_NARROWEST_JOINED = 6
"""Narrower names keep their spaces: `in put` is not `input`. A Hangul syllable is as wide as two letters."""
_SHORTEST_SLIP = 7
"""Shorter words are too often one letter away from another word."""
_SHARED_START = 3
"""Words that differ sooner are different words: `absorption` and `adsorption`, `typical` and `atypical`."""
_VOWELS = frozenset("aeiouy")
_OUTNUMBERED = 4
"""A misspelling is that much rarer than what it was meant to be; otherwise two words may both be meant."""


@dataclass(frozen=True, slots=True)
class TermStats:
    """A term in a library: its most frequent spelling, and how many documents name it how often."""

    term: str
    surface: str
    documents: int
    count: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """The concept that a term means."""

    key: str
    """Equal for all terms of the concept, and in every library that spells it alike."""
    name: str
    """The concept's most frequent spelling; of equally frequent ones the smallest."""


def document_frequency_limits(documents: int) -> tuple[int, int]:
    """The fewest and the most documents of a library in which a term may occur to be a concept of it.

    A concept connects, so it takes two documents, and three in a large library. In a library of fewer than 20 documents
    two rarely share a term: one is enough there, and the caller keeps the best-scored ones only. What a third of a
    library speaks of tells its documents apart no more.
    """
    if documents < 20:
        return 1, max(documents, 1)
    return (2 if documents < 1000 else 3), max(20, documents // 3)


def resolve(terms: Sequence[TermStats]) -> dict[str, Resolved]:
    """The concept of each term; a function of the set of terms, whatever their order.

    Terms are one concept when they are equal but for case, plural, hyphens, spaces and British spelling, or when one
    word of theirs looks misspelled. A misspelling is compared with the concept's own name only, never with another
    misspelling, so that no chain of small steps ends far away. Numbers are never taken for misspelled.

    Misspelled words are found as in SymSpell (W. Garbe, 2012): two words that are one edit apart have in common what is
    left when a letter is taken out of them. That looks every word up and compares no two terms.
    """
    groups = _groups(terms)
    near = _misspellings({word for group in groups.values() for words in group.spellings for word in words})
    concepts = {key: key for key in groups}
    for group in sorted(groups.values(), key=_Group.rank):
        candidates = [
            groups[key]
            for key in _one_word_replaced(group, near)
            if key in groups and concepts[key] == key != group.key
        ]
        likely = [other for other in candidates if group.misspells(other)]
        if likely:
            concepts[group.key] = min(likely, key=_Group.rank).key
    return _named(groups, concepts)


@dataclass(slots=True)
class _Group:
    """Terms that are equal once normalised."""

    key: str
    members: list[TermStats]
    spellings: list[tuple[str, ...]]
    documents: int = 0
    count: int = 0

    def rank(self) -> tuple[int, int, str]:
        return (-self.documents, -self.count, self.key)

    def misspells(self, other: _Group) -> bool:
        if other.rank() > self.rank():
            return False
        # Beside a word that is the same a slip is likely; alone, it takes the evidence of numbers.
        alone = any(len(words) == 1 for words in self.spellings)
        return (self.documents <= 1 and not alone) or self.documents * _OUTNUMBERED <= other.documents


def _groups(terms: Sequence[TermStats]) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for stats in sorted(terms, key=lambda stats: (stats.term, stats.surface, stats.documents, stats.count)):
        words = _normalised(stats.term)
        key = _key(words) or stats.term
        group = groups.setdefault(key, _Group(key, [], []))
        group.members.append(stats)
        if words not in group.spellings:
            group.spellings.append(words)
        group.documents += stats.documents
        group.count += stats.count
    return groups


def _normalised(term: str) -> tuple[str, ...]:
    return tuple(_folded(piece) for piece in _PIECES.findall(unicodedata.normalize("NFKC", term).casefold()))


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    if not _LATIN.fullmatch(word):
        return word
    word = english.singular(word)
    for pattern, american in _BRITISH:
        word = pattern.sub(american, word)
    return word


def _key(words: tuple[str, ...]) -> str:
    """The words in one, so that spaces and hyphens make no difference; numbers stay apart from each other."""
    if sum(len(word) + len(_HANGUL.findall(word)) for word in words) < _NARROWEST_JOINED:
        return " ".join(words)
    return re.sub(r"(?<=\d) (?=\d)", ".", " ".join(words)).replace(" ", "")


def _misspellings(words: Iterable[str]) -> Mapping[str, list[str]]:
    near: defaultdict[str, set[str]] = defaultdict(set)
    long = sorted(word for word in words if len(word) >= _SHORTEST_SLIP - 1 and _LATIN.fullmatch(word))
    # Word by start, so that the table of what is left of them stays small.
    for _, alike in groupby(long, key=lambda word: word[:_SHARED_START]):
        left: defaultdict[str, list[str]] = defaultdict(list)
        for word in alike:
            for rest in {word, *(word[:i] + word[i + 1 :] for i in range(_SHARED_START, len(word)))}:
                left[rest].append(word)
        for bucket in left.values():
            for one, other in combinations(bucket, 2):
                if _is_slip(one, other):
                    near[one].add(other)
                    near[other].add(one)
    return {word: sorted(others) for word, others in near.items()}


def _is_slip(one: str, other: str) -> bool:
    """A letter too many, too few, or two exchanged, or a wrong vowel, within a word of at least seven letters.

    Not at its end, where grammar changes words, and no wrong consonant, which makes another word (`contract`,
    `contrast`).
    """
    if max(len(one), len(other)) < _SHORTEST_SLIP or one[-1] != other[-1] or OSA.distance(one, other) != 1:
        return False
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    return len(one) != len(other) or len(differing) == 2 or all(letter in _VOWELS for letter in differing[0])


def _one_word_replaced(group: _Group, near: Mapping[str, list[str]]) -> Iterator[str]:
    for words in group.spellings:
        for place, word in enumerate(words):
            for other in near.get(word, ()):
                yield _key((*words[:place], other, *words[place + 1 :]))


def _named(groups: Mapping[str, _Group], concepts: Mapping[str, str]) -> dict[str, Resolved]:
    members: defaultdict[str, list[TermStats]] = defaultdict(list)
    for key, concept in concepts.items():
        members[concept] += groups[key].members
    resolved: dict[str, Resolved] = {}
    for concept, alike in sorted(members.items()):
        meaning = Resolved(concept, _most_frequent_surface(alike))
        resolved.update((stats.term, meaning) for stats in alike)
    return resolved


def _most_frequent_surface(members: Iterable[TermStats]) -> str:
    found: Counter[str] = Counter()
    for stats in members:
        found[stats.surface] += stats.count
    return min(found, key=lambda surface: (-found[surface], surface))
