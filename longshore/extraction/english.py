"""What English words may be in a term, and how their spellings are folded into one."""

from __future__ import annotations

import re

from longshore.extraction.wordlists import sections


def _inflected(verbs: frozenset[str]) -> set[str]:
    """Base, -s, -ed and -ing forms of regular verbs."""
    forms: set[str] = set()
    for verb in verbs:
        stem = verb[:-1] if verb.endswith("e") else verb
        if verb.endswith("y") and verb[-2] not in "aeo":
            forms |= {verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"}
        else:
            forms |= {verb, verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s"), stem + "ed", stem + "ing"}
    return forms


_LISTS = sections("english")

STOP_WORDS = frozenset().union(
    *(words for name, words in _LISTS.items() if name.startswith("stop")), _inflected(_LISTS["verbs"])
)
"""Words that end a term wherever they stand."""
EMPTY = _LISTS["empty"]
"""Singular words that say too little to be a term, alone or among themselves; beside a word that says more they may."""
GENERAL = _LISTS["general"]
"""Singular words too general to be a term alone."""
DETERMINERS = _LISTS["determiners"]
"""The word before one of these is a verb, hardly ever a noun."""
BEFORE_VERBS = _LISTS["before verbs"]
"""The word after one of these is a verb."""
BEFORE_SINGULARS = _LISTS["before singulars"]
"""A phrase after one of these ends in a singular: what looks like a plural is a verb (`a lease lasts`)."""

_IRREGULAR_PLURALS = {
    "analyses": "analysis",
    "appendices": "appendix",
    "axes": "axis",
    "bases": "base",
    "biases": "bias",
    "children": "child",
    "corpora": "corpus",
    "criteria": "criterion",
    "crises": "crisis",
    "feet": "foot",
    "geese": "goose",
    "gases": "gas",
    "indices": "index",
    "indexes": "index",
    "leaves": "leaf",
    "lenses": "lens",
    "libraries": "library",
    "lives": "life",
    "matrices": "matrix",
    "men": "man",
    "mice": "mouse",
    "movies": "movie",
    "cookies": "cookie",
    "caches": "cache",
    "niches": "niche",
    "parentheses": "parenthesis",
    "people": "people",
    "phenomena": "phenomenon",
    "teeth": "tooth",
    "theses": "thesis",
    "vertices": "vertex",
    "viruses": "virus",
    "women": "woman",
}


def singular(word: str) -> str:
    """A lower-case word without its plural ending; light, and wrong only where two words then share a key."""
    if word in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[word]
    if (
        len(word) < 4
        or not word.endswith("s")
        or word in _LISTS["plural exceptions"]
        or word.endswith(("ss", "us", "is"))
    ):
        return word
    if word.endswith("ics") and word not in _LISTS["countable ics"]:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("yses", "heses")):
        return word[:-2] + "is"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")) or (
        word.endswith("uses") and word[-5] not in "ao"
    ):
        return word[:-2]
    return word[:-1]


_MODIFIER_ENDING = re.compile(r"(?<!e)ed$|(?:ous|ful|less|ible)$|(?<!period)ical$")


def ends_term(word: str) -> bool:
    """Whether a lower-case word can be the head of a noun phrase, by its ending."""
    return len(word) <= 4 or not _MODIFIER_ENDING.search(word)


def is_adverb(word: str) -> bool:
    """Whether a lower-case word is an adverb, by its ending."""
    return len(word) > 4 and word.endswith("ly") and word not in _LISTS["not adverbs"]
