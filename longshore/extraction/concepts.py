"""Concepts without a model: the phrases that a text keeps coming back to.

The score is the C-value (Frantzi, Ananiadou and Mima, "Automatic recognition of multi-word terms: the C-value/NC-value
method", International Journal on Digital Libraries 3, 2000): how often a phrase occurs, less how often it does so only
within longer ones, weighted by its length. Their `log2 |a|` gives a single word no weight; here it is `log2(|a| + 1)`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import log2
from typing import NamedTuple

from longshore.extraction import english
from longshore.extraction.base import Mention
from longshore.extraction.prose import segments
from longshore.extraction.words import Word, Words

LONGEST = 4
MOST = 20
_WORDS_PER_TERM = 15
"""A short text has fewer concepts than `MOST`: one for so many words, five at the least."""
_FEWEST = 5
_SHORT = 1500
"""Below so many words a phrase that occurs once can be a term, above it takes two."""
_VERY_SHORT = 250
"""Below so many words a single word that occurs twice can be a term, above it takes three."""
_ONCE = 0.5
_ALONE = 0.5
"""Weights of what could be chance, and of a single word, which says less than the phrases it is in."""


class CValueExtractor:
    """Finds English and Korean terms of up to four words. Needs no data and no network.

    Other languages that separate words by spaces pass through the English rules; Chinese and Japanese give no terms.
    """

    name = "c-value-1"

    def extract(self, passages: Sequence[str]) -> list[Mention]:
        """The best terms of one text, at most 20, sorted by term."""
        stretches = _without_sentence_case(list(segments(passages)))
        words = Words(word for stretch in stretches for word in stretch)
        runs = list(_runs(stretches, words))
        length = sum(map(len, stretches))
        counts = _terms(runs, length)
        scores = _c_values(counts)
        most = min(MOST, max(_FEWEST, length // _WORDS_PER_TERM))
        ranked = sorted((term for term, score in scores.items() if score > 0), key=lambda term: (-scores[term], term))
        best = ranked[:most]
        surfaces = _surfaces(runs, frozenset(best))
        mentions = [
            Mention(term=" ".join(term), surface=surfaces[term], count=counts[term], score=scores[term])
            for term in best
        ]
        return sorted(mentions, key=lambda mention: mention.term)


Term = tuple[str, ...]


class Run(NamedTuple):
    """A longest sequence of words that a term may be a part of."""

    words: tuple[Word, ...]
    forms: Term
    phrase: bool
    """It reads like a noun phrase, as far as one can tell from its ends."""


def _without_sentence_case(stretches: list[list[str]]) -> list[list[str]]:
    """A capital that only says that a sentence begins is lowered: the text has the word in lower case as well."""
    written = {word for stretch in stretches for word in stretch}
    for stretch in stretches:
        first, *rest = stretch
        in_title = bool(rest) and rest[0][0].isupper()
        if first[1:].islower() and first.lower() in written and not in_title:
            stretch[0] = first.lower()
    return stretches


def _runs(stretches: Iterable[list[str]], words: Words) -> Iterator[Run]:
    for stretch in stretches:
        run: list[Word] = []
        before = ""
        for raw in [*stretch, ""]:
            word = words[raw] if raw else None
            if word:
                run.append(word)
            if run and (word is None or word.closes):
                trimmed = _trimmed(run, before, "" if word else raw.casefold())
                if trimmed:
                    yield trimmed
                run = []
            if word is None or word.closes:
                before = raw.casefold()


def _trimmed(run: list[Word], before: str, after: str) -> Run | None:
    """The run without the verb that the words around it give away."""
    plural = run[-1].form != run[-1].surface.casefold()
    if after in english.DETERMINERS or (plural and before in english.BEFORE_SINGULARS):
        run = run[:-1]
    if before in english.BEFORE_VERBS:
        run = run[1:]
    if not run:
        return None
    participle = run[0].form.endswith("ing") or any(word.form.endswith("ed") for word in run[1:])
    # Capitals throughout are a person's or a place's name, or a heading.
    name = all(word.surface[0].isupper() for word in run)
    return Run(tuple(run), tuple([word.form for word in run]), not (before == "to" or participle or name))


def _terms(runs: list[Run], length: int) -> dict[Term, int]:
    """How often each term occurs in a text of that many words.

    Longer ones are counted only where both their parts are frequent (Agrawal and Srikant, "Fast algorithms for mining
    association rules", VLDB 1994), which bounds memory by the frequent ones.
    """
    fewest = 1 if length < _SHORT else 2
    fewest_alone = 2 if length < _VERY_SHORT else 3
    found: dict[Term, int] = {}
    phrases = {run.forms for run in runs if run.phrase}
    last = Counter(run.forms[-1] for run in runs)
    frequent: set[Term] = set()
    for size in range(1, LONGEST + 1):
        grams: Counter[Term] = Counter()
        valid: set[Term] = set()
        for words, forms, _ in runs:
            for start in range(len(forms) - size + 1):
                term = forms[start : start + size]
                if size == 1 or (term[1:] in frequent and term[:-1] in frequent):
                    grams[term] += 1
                    if term not in valid and _is_term(words[start : start + size]):
                        valid.add(term)
        frequent = {term for term, count in grams.items() if count >= fewest}
        for term in valid & frequent:
            count = grams[term]
            # An adjective (`genetic`) hardly ever closes a phrase, a noun often does.
            if size == 1 and count >= fewest_alone and last[term[0]] * 3 >= count:
                found[term] = count
            # What stands between two stop words is a phrase of the author's, be it once (Rose et al., "Automatic
            # keyword extraction from individual documents", 2010); a piece of one is a term only if it comes back.
            if size > 1 and (count > 1 or (size <= 3 and term in phrases)):
                found[term] = count
    return found


def _is_term(gram: tuple[Word, ...]) -> bool:
    if len(gram) == 1:
        return gram[0].alone
    return gram[-1].heads and not all(word.empty for word in gram) and gram[0].form != gram[-1].form


def _c_values(counts: dict[Term, int]) -> dict[Term, float]:
    longer: defaultdict[Term, list[int]] = defaultdict(list)
    for term, count in counts.items():
        parts = {term[i:j] for i in range(len(term)) for j in range(i + 1, len(term) + 1)} - {term}
        for part in parts & counts.keys():
            longer[part].append(count)
    return {term: _c_value(len(term), count, longer[term]) for term, count in counts.items()}


def _c_value(length: int, count: int, longer: list[int]) -> float:
    nested = sum(longer) / len(longer) if longer else 0
    weight = log2(length + 1) * (_ALONE if length == 1 else 1) * (_ONCE if count == 1 else 1)
    # Rounded, so that the last bit of a platform's logarithm decides nothing.
    return round(weight * (count - nested), 4)


def _surfaces(runs: list[Run], terms: frozenset[Term]) -> dict[Term, str]:
    spellings: defaultdict[Term, Counter[str]] = defaultdict(Counter)
    lengths = sorted({len(term) for term in terms})
    for words, forms, _ in runs:
        for length in lengths:
            for start in range(len(forms) - length + 1):
                term = forms[start : start + length]
                if term in terms:
                    spellings[term][" ".join([word.surface for word in words[start : start + length]])] += 1
    return {term: min(found, key=lambda surface: (-found[surface], surface)) for term, found in spellings.items()}
