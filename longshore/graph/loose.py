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

from longshore.graph.db import Connection
from longshore.parsing.model import About
from longshore.sources.identity import document_identity, is_registered, work_of
from longshore.sources.model import REPOSITORY_FILE, Creator, Item

Work = tuple[str, int, str]


@dataclass(frozen=True)
class Front:
    """What a file shows of itself."""

    title: str | None
    about: About


@dataclass(frozen=True)
class Loose:
    """A loose file as it describes itself."""

    source_key: str
    item: Item
    sha256: str
    identity: str
    """By itself, whatever else the project has."""
    work: Work | None

    @property
    def key(self) -> tuple[str, str]:
        """Of the source and of the item in it."""
        return self.source_key, self.item.key


@dataclass(frozen=True)
class Described:
    """Identities of the documents that entries describe, by what a loose file can have in common with them."""

    by_content: Mapping[str, Collection[str]]
    """SHA-256 of a file of the entry."""
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


def loose(source_key: str, item: Item, front: Front) -> Loose:
    described = described_by(item, [front])
    # The name of a file is no title that tells a work.
    told = described if front.title else described.model_copy(update={"title": ""})
    return Loose(source_key, described, item.attachments[0].sha256 or "", document_identity(told), work_of(told))


def placed(files: Iterable[Loose], described: Described) -> dict[tuple[str, str], str]:
    """The identity of the document that each file belongs to, by source and item key; whatever their order.

    It is that of the entry with a file of the same content; else its own DOI or arXiv id; else that of a file placed so
    far, of the same content, or the entry or such a file of the same title, year and first author; else its own. What
    could be several is none of them.
    """
    files = list(files)
    settled: dict[tuple[str, str], str] = {}
    by_content: defaultdict[Hashable, set[str]] = defaultdict(set)
    by_work: defaultdict[Hashable, set[str]] = defaultdict(set)
    for work, identities in described.by_work.items():
        by_work[work] |= set(identities)
    for file in files:
        found = _only(described.by_content.get(file.sha256, ()))
        if found := found or (file.identity if is_registered(file.identity) else None):
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


def _only(identities: Collection[str]) -> str | None:
    return next(iter(identities)) if len(identities) == 1 else None


async def fronts_of(connection: Connection, project: str, part_ids: Collection[UUID]) -> dict[UUID, Front]:
    """What the parts that could be read show of themselves."""
    cursor = await connection.execute(
        "select part_id, title, about from parts where project = %s and part_id = any(%s) and code is null",
        (project, list(part_ids)),
    )
    return {row["part_id"]: front_of(row) for row in await cursor.fetchall()}


def front_of(row: Mapping[str, Any]) -> Front:
    """Args: row: title and about of a part."""
    return Front(row["title"], About.model_validate(row["about"]))


async def loose_files(connection: Connection, project: str, like: Collection[Loose] | None = None) -> list[Loose]:
    """The loose files that the project has.

    Args:
        like: Only those that may be the same as one of these.
    """
    cursor = await connection.execute(
        f"with near as ({_ANY if like is None else _LIKE}) {_LOOSE}".encode(),
        {"project": project, "repository": REPOSITORY_FILE, **_common(like or ())},
    )
    rows = await cursor.fetchall()
    items = [(row, Item.model_validate(row["payload"])) for row in rows]
    return [loose(row["source_key"], item, front_of(row)) for row, item in items if is_loose(item)]


_ANY = "select source_key, item_key from items where project = %(project)s"
_LIKE = """
    select d.source_key, d.item_key from parts p join document_parts d using (project, part_id)
    where p.project = %(project)s and p.sha256 = any(%(contents)s)
    union
    select i.source_key, i.item_key from documents o join items i using (project, document_id)
    where o.project = %(project)s and o.year = any(%(years)s)
"""
_LOOSE = """
    select distinct on (i.source_key, i.item_key) i.source_key, i.payload, p.title, p.about
    from near join items i using (source_key, item_key)
    join document_parts d using (project, source_key, item_key) join parts p using (project, part_id)
    where i.project = %(project)s and d.kind = 'attachment'
      and i.payload->>'kind' = 'attachment' and i.payload->>'item_type' <> %(repository)s
    order by i.source_key, i.item_key, p.part_id
"""


async def described_documents(connection: Connection, project: str, files: Collection[Loose]) -> Described:
    """What entries describe that may be one of these files."""
    common = {"project": project, **_common(files)}
    by_content: defaultdict[str, set[str]] = defaultdict(set)
    by_work: defaultdict[Work, set[str]] = defaultdict(set)
    cursor = await connection.execute(
        "select distinct p.sha256, o.identity from parts p join document_parts d using (project, part_id) "
        "join items i using (project, source_key, item_key) "
        "join documents o on o.project = i.project and o.document_id = i.document_id "
        "where p.project = %(project)s and p.sha256 = any(%(contents)s) and d.kind = 'attachment' "
        "and i.payload->>'kind' = 'entry'",
        common,
    )
    for row in await cursor.fetchall():
        by_content[row["sha256"]].add(row["identity"])
    if common["years"]:
        cursor = await connection.execute(
            "select distinct o.identity, i.payload->>'title' as title, (i.payload->>'year')::int as year, "
            "i.payload->'creators'->0 as creator from items i join documents o using (project, document_id) "
            "where i.project = %(project)s and i.payload->>'kind' = 'entry' "
            "and (i.payload->>'year')::int = any(%(years)s) and i.payload->'creators'->0 is not null",
            common,
        )
        for row in await cursor.fetchall():
            creator = Creator.model_validate(row["creator"])
            item = Item(key="", kind="entry", title=row["title"], year=row["year"], creators=(creator,))
            if work := work_of(item):
                by_work[work].add(row["identity"])
    return Described(by_content, by_work)


def _common(files: Collection[Loose]) -> dict[str, list[Any]]:
    """A file that is registered is found by that; only others are looked for by their work."""
    return {
        "contents": sorted({file.sha256 for file in files}),
        "years": sorted({file.work[1] for file in files if file.work and not is_registered(file.identity)}),
    }
