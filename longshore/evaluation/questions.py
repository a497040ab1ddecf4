"""Questions whose answers are known: drawn from the documents themselves, the same from every graph of them.

A title asks for its document. A sentence asks for the passage that it stood in, from which it is taken out
(longshore/evaluation/retrieval.py). Which are drawn depends on the documents' identities, their texts and the seed;
neither on how the text was cut into passages nor on anything that a variant may set.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from longshore.evaluation.language import Language, language_of

Kind = Literal["title", "sentence", "given"]
Target = Literal["title", "sentence", "sentence-document", "given"]
"""What a ranking is judged for. A sentence is asked once and judged twice: for its passage, and for its document, since
of longer passages there are fewer, and one is found the more easily for it."""

_SHORTEST_TITLE = 12
"""Bytes of its letters and digits: a Hangul syllable has three, and says as much."""
_SHORTEST, _LONGEST = 60, 300
"""Characters of a sentence in Latin letters; Hangul says as much with half of them."""
_FEWEST_WORDS = 8
_END = re.compile(r"[.!?。][\"”')]?(?=\s|$)|\n[ \t\r]*\n|$")
_BLANK = re.compile(r"\s*")
_PROSE = re.compile(r"[\w\s,.;:'’\"“”()/%&?!–-]+")


@dataclass(frozen=True)
class Span:
    """Where a sentence stands: characters of the whole text that was read from a content."""

    sha256: str
    start: int
    end: int


@dataclass(frozen=True)
class Question:
    kind: Kind
    language: Language
    text: str
    document_id: UUID
    """That answers it."""
    span: Span | None = None
    """The sentence's place, for one that asks for its passage."""
    quote: str | None = None
    """What the passage says that is asked for; None where any passage of the document is an answer."""


@dataclass(frozen=True)
class Text:
    """What a document says in one of its files, its abstract or a note."""

    sha256: str
    content: str


@dataclass(frozen=True)
class Readable:
    """A document that has something to find."""

    document_id: UUID
    identity: str
    title: str
    texts: Sequence[Text]


def draw_titles(titles: Iterable[tuple[UUID, str, str]], each: int, seed: int) -> list[Question]:
    """Titles that name one document alone.

    Args:
        titles: Id, identity and title of every document that has something to find.
        each: The most questions in each language.
    """
    known = list(titles)
    times = Counter(_folded(title) for _, _, title in known)
    found = [
        (_lot(seed, identity, "title"), Question("title", language_of(title), " ".join(title.split()), document_id))
        for document_id, identity, title in known
        if times[_folded(title)] == 1 and len(_folded(title).encode()) >= _SHORTEST_TITLE
    ]
    return _first_of_each(sorted(found, key=lambda entry: entry[0]), each)


@dataclass
class SentenceLots:
    """Sentences that stand once in all the documents that were read; first one of each document, then a second.

    Args:
        each: The most questions in each language.
    """

    each: int
    seed: int
    _times: Counter[str] = field(default_factory=Counter)
    _found: list[tuple[int, str, Question]] = field(default_factory=list)

    def read(self, document: Readable) -> None:
        """Read a document; of its text only what may be drawn is kept."""
        lots: defaultdict[Language, list[tuple[str, Question]]] = defaultdict(list)
        for question in _sentences(document):
            self._times[_folded(question.text)] += 1
            lots[question.language].append((_lot(self.seed, document.identity, question.text), question))
        for drawn in lots.values():
            best = sorted(drawn, key=lambda entry: entry[0])[: self.each]
            self._found += [(turn, lot, question) for turn, (lot, question) in enumerate(best)]

    def drawn(self) -> list[Question]:
        once = [entry for entry in self._found if self._times[_folded(entry[2].text)] == 1]
        return _first_of_each([entry[1:] for entry in sorted(once, key=lambda entry: entry[:2])], self.each)


def _sentences(document: Readable) -> Iterator[Question]:
    for text in document.texts:
        for start, end in _stretches(text.content):
            said = " ".join(text.content[start:end].split())
            language = language_of(said)
            scale = 2 if language == "ko" else 1
            telling = _SHORTEST <= len(said) * scale <= _LONGEST and len(said.split()) * scale >= _FEWEST_WORDS
            if telling and _PROSE.fullmatch(said):
                span = Span(text.sha256, start, end)
                yield Question("sentence", language, said, document.document_id, span)


def _stretches(content: str) -> Iterator[tuple[int, int]]:
    """Start and end of what stands between the ends of sentences and of paragraphs."""
    position = 0
    for match in _END.finditer(content):
        start = _BLANK.match(content, position).end()  # type: ignore[union-attr]
        if match.end() > start and match[0].strip():
            yield start, match.end()
        position = match.end()


def _first_of_each(drawn: Iterable[tuple[str, Question]], each: int) -> list[Question]:
    taken: Counter[Language] = Counter()
    kept = []
    for _, question in drawn:
        taken[question.language] += 1
        if taken[question.language] <= each:
            kept.append(question)
    return kept


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _lot(seed: int, *of: str) -> str:
    return hashlib.sha256("\0".join([str(seed), *of]).encode(errors="replace")).hexdigest()
