"""Loose files: items that are nothing but one file, which only its own front page describes.

Which document such a file is can depend on what else the project has: a copy of a paper belongs to the entry that
describes it. So it is placed anew by every linking, as a function of all items (longshore/graph/linking/uniting.py),
and when it is written, so that it need not wait for that and its item tells that it was known already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from longshore.parsing.model import About
from longshore.sources.identity import document_identity, is_registered, work_of
from longshore.sources.model import REPOSITORY_FILE, Creator, Item

Work = tuple[str, int, str]


@dataclass(frozen=True)
class Front:
    """What a file shows of itself."""

    title: str | None
    about: About


@dataclass(frozen=True, slots=True)
class Loose:
    """A loose file by what it says of itself."""

    source_key: str
    item_key: str
    sha256: str
    doi: str | None
    arxiv: str | None
    identity: str
    """By itself, whatever else the project has."""
    work: Work | None
    document: UUID | None = None
    """That it belongs to in the store, if it is there."""

    @property
    def key(self) -> tuple[str, str]:
        """Of the source and of the item in it."""
        return self.source_key, self.item_key

    @property
    def names(self) -> list[str]:
        """By which it is registered."""
        return [f"{kind}:{name}" for kind, name in (("doi", self.doi), ("arxiv", self.arxiv)) if name]


@dataclass(frozen=True)
class Described:
    """Identities of the documents that entries describe, by what a loose file can have in common with them."""

    identities: Collection[str]
    by_content: Mapping[str, Collection[str]]
    """SHA-256 of a file of the entry."""
    by_name: Mapping[str, Collection[str]]
    """DOIs and arXiv ids that the entry, or a file of it, has besides its identity."""
    by_work: Mapping[Work, Collection[str]]


def is_loose(item: Item) -> bool:
    return item.kind == "attachment" and item.item_type != REPOSITORY_FILE and len(item.attachments) == 1


def described_by(item: Item, fronts: Sequence[Front]) -> Item:
    """A loose file with what it says of itself; any other item as it is, for its source describes it."""
    if not is_loose(item) or not fronts or fronts[0].about == About():
        return item
    front, about = fronts[0], fronts[0].about
    creators = tuple(Creator(role="author", family=author.family, given=author.given) for author in about.authors)
    return item.model_copy(
        update={
            "creators": creators,
            "title": front.title or item.title,
            "year": about.year or item.year,
            "date": item.date or str(about.year or ""),
            "doi": about.doi,
            "arxiv": about.arxiv,
        }
    )


def loose(source_key: str, item: Item, front: Front, document: UUID | None = None) -> Loose:
    described = described_by(item, [front])
    # The name of a file is no title that tells a work.
    told = described if front.title else described.model_copy(update={"title": ""})
    return Loose(
        source_key,
        item.key,
        item.attachments[0].sha256 or "",
        described.doi,
        described.arxiv,
        document_identity(told),
        work_of(told),
        document,
    )


def placed(files: Iterable[Loose], described: Described) -> dict[tuple[str, str], str]:
    """The identity of the document that each file belongs to, by source and item key; whatever their order.

    It is that of the entry with a file of the same content; else its own DOI or arXiv id, or the entry that has this
    besides another; else that of a file placed so far, of the same content, or the entry or such a file of the same
    title, year and first author; else its own. What could be several is none of them.
    """
    files = list(files)
    settled: dict[tuple[str, str], str] = {}
    by_content: defaultdict[Hashable, set[str]] = defaultdict(set)
    by_work: defaultdict[Hashable, set[str]] = defaultdict(set)
    for work, identities in described.by_work.items():
        by_work[work] |= set(identities)
    for file in files:
        if found := _only(described.by_content.get(file.sha256, ())) or _registered(file, described):
            settled[file.key] = found
    for file in files:
        if identity := settled.get(file.key):
            by_content[file.sha256].add(identity)
            if file.work:
                by_work[file.work].add(identity)
    return settled | {
        file.key: _only(by_content[file.sha256]) or (file.work and _only(by_work[file.work])) or file.identity
        for file in files
        if file.key not in settled
    }


def _registered(file: Loose, described: Described) -> str | None:
    if not is_registered(file.identity) or file.identity in described.identities:
        return file.identity if is_registered(file.identity) else None
    return _only({identity for name in file.names for identity in described.by_name.get(name, ())}) or file.identity


def _only(identities: Collection[str]) -> str | None:
    return next(iter(identities)) if len(identities) == 1 else None


def front_of(row: Mapping[str, Any]) -> Front:
    """Args: row: title and about of a part."""
    return Front(row["title"], About.model_validate(row["about"]))
