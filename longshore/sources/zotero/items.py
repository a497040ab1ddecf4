"""From a node of Zotero's RDF and the index to an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from lxml import etree

from longshore.sources import identifiers
from longshore.sources.dates import year_of
from longshore.sources.model import Attachment, Creator, FileRef, Item
from longshore.sources.paths import canonical, spellings
from longshore.sources.zotero import names
from longshore.sources.zotero.deriving import arxiv_of, doi_of, first, first_line, marked, plain_title, united_tags
from longshore.sources.zotero.index import (
    AttachmentNode,
    Container,
    Index,
    NoteNode,
    identifiers_of,
    line_of,
    tags_of,
    text_of,
    url_of,
)

_STORED = re.compile(r"/storage/[A-Z0-9]{8}/[^/]+$")


@dataclass(frozen=True, slots=True)
class _Place:
    """What an item's containers say about it."""

    venue: str
    volume: str
    issue: str
    identifiers: tuple[str, ...]
    dois: tuple[str, ...]


class ItemBuilder:
    """Builds items of one library; `files` maps what was brought, by path relative to the RDF."""

    def __init__(self, index: Index, files: Mapping[str, FileRef]) -> None:
        self._index = index
        self._files = {path: file for name, file in files.items() if (path := canonical(name))}

    def build(self, element: etree._Element) -> Item | None:
        """The item that a node under the root is; None for a node that belongs to an item or to none. Without key."""
        match self._index.kind(element):
            case "entry":
                return self._entry(element)
            case "attachment" if self._index.standalone(element):
                return self._standalone_attachment(element)
            case "note" if self._index.standalone(element):
                return self._standalone_note(element)
        return None

    def _entry(self, element: etree._Element) -> Item:
        item_type = text_of(element, names.ITEM_TYPE) or names.TYPES_OF_CLASSES[str(element.tag)]
        place = self._place(element)
        own = identifiers_of(element)
        number = text_of(element, names.ISSUE)
        extra = text_of(element, names.EXTRA)
        url = url_of(element)
        date = line_of(element, names.DATE, names.ISSUED)
        doi = doi_of(item_type, own, place.dois, extra, url)
        attachments = list(self._attachments(element))
        notes = list(self._notes(element))
        return Item(
            key="",
            kind="entry",
            item_type=item_type,
            title=plain_title(line_of(element, names.TITLE, names.DISPLAY_TITLE)),
            creators=tuple(_creators(element)),
            date=date,
            year=year_of(date),
            doi=doi,
            arxiv=arxiv_of(doi, own, number, text_of(element, names.ARCHIVE_ID), extra, url),
            isbn=first(identifiers.isbn, marked("ISBN", (*own, *place.identifiers))),
            issn=first(identifiers.issn, marked("ISSN", (*own, *place.identifiers))),
            url=url or None,
            venue=place.venue or _conference(element) or line_of(element, names.MEETING) or None,
            publisher=_publisher(element) or None,
            volume=text_of(element, names.VOLUME) or place.volume or None,
            issue=number or place.issue or None,
            pages=line_of(element, names.PAGES) or None,
            abstract=text_of(element, names.ABSTRACT),
            language=line_of(element, names.LANGUAGE) or None,
            extra=extra,
            tags=united_tags(tags_of(element), *(a.tags for a in attachments), *(n.tags for n in notes)),
            collections=self._index.collections(element.get(names.ABOUT)),
            notes=tuple(html for html in (*(n.html for n in notes), *(a.note for a in attachments)) if html),
            attachments=tuple(self._attachment(node) for node in attachments),
        )

    def _standalone_attachment(self, element: etree._Element) -> Item:
        node = AttachmentNode.read(element)
        name = PurePosixPath(node.path.replace("\\", "/")).name if node.path else ""
        return Item(
            key="",
            kind="attachment",
            item_type="attachment",
            title=node.title or name,
            url=node.url,
            tags=united_tags(node.tags),
            collections=self._index.collections(element.get(names.ABOUT)),
            notes=(node.note,) if node.note else (),
            attachments=(self._attachment(node),),
        )

    def _standalone_note(self, element: etree._Element) -> Item:
        node = NoteNode.read(element)
        return Item(
            key="",
            kind="note",
            item_type="note",
            title=line_of(element, names.TITLE) or first_line(node.html),
            tags=united_tags(node.tags),
            collections=self._index.collections(element.get(names.ABOUT)),
            notes=(node.html,) if node.html else (),
        )

    def _attachments(self, element: etree._Element) -> Iterator[AttachmentNode]:
        for link in element.iterchildren(names.LINK):
            reference = link.get(names.RESOURCE)
            if reference and (node := self._index.attachments.get(reference)):
                yield node
            for inline in link.iterchildren(names.ATTACHMENT):
                yield AttachmentNode.read(inline)

    def _notes(self, element: etree._Element) -> Iterator[NoteNode]:
        for link in element.iterchildren(names.REFERENCED_BY):
            reference = link.get(names.RESOURCE)
            if reference and (node := self._index.notes.get(reference)):
                yield node
            for inline in link.iterchildren(names.MEMO):
                yield NoteNode.read(inline)

    def _attachment(self, node: AttachmentNode) -> Attachment:
        found = (self._files.get(spelling) for spelling in spellings(node.path or ""))
        file = next((file for file in found if file), None)
        return Attachment(
            title=node.title,
            path=node.path,
            media_type=node.media_type,
            url=node.url,
            sha256=file.sha256 if file else None,
            size=file.size if file else 0,
            missing="linked_file" if node.path and not file and _is_linked(node.path) else None,
        )

    def _place(self, element: etree._Element) -> _Place:
        containers = list(self._containers(element))
        return _Place(
            venue=next((c.title for c, _ in containers if c.title), ""),
            volume=_only(volume for c, _ in containers for volume in c.volumes),
            issue=_only(issue for c, _ in containers for issue in c.issues),
            identifiers=tuple(text for c, _ in containers for text in c.identifiers),
            dois=tuple(text for c, sole in containers if sole and not c.item for text in c.identifiers),
        )

    def _containers(self, element: etree._Element) -> Iterator[tuple[Container, bool]]:
        """The containers of a node, through sections and without series, and whether each holds this node alone."""
        for part_of in element.iterchildren(names.PART_OF):
            reference = part_of.get(names.RESOURCE)
            if reference and (shared := self._index.containers.get(reference)):
                yield shared, self._index.container_users[reference] == 1
            for inline in part_of.iterchildren():
                if inline.tag == names.PART:
                    yield from self._containers(inline)
                elif inline.tag != names.SERIES:
                    yield Container.read(inline), True


def _creators(element: etree._Element) -> Iterator[Creator]:
    """`bib:authors`, `bib:editors`, `z:translators`, …: each role is a child that ends in s and holds persons."""
    for child in element.iterchildren():
        role = etree.QName(child).localname.removesuffix("s")
        for person in child.iter(names.PERSON):
            family = line_of(person, names.SURNAME, names.NAME)
            given = line_of(person, *names.GIVEN_NAMES)
            if family or given:
                yield Creator(role=role, family=family or given, given=given if family else "")


def _is_linked(path: str) -> bool:
    """Whether it leads out of the export, and not into Zotero's own storage, whose files an export may hold."""
    return not spellings(path) and not _STORED.search(path.replace("\\", "/"))


def _conference(element: etree._Element) -> str:
    conference = element.find(f"{names.PRESENTED_AT}/{names.CONFERENCE}")
    return line_of(conference, names.TITLE) if conference is not None else ""


def _publisher(element: etree._Element) -> str:
    for publisher in element.iterchildren(names.PUBLISHER):
        for organization in publisher.iterchildren():
            if name := line_of(organization, names.NAME):
                return name
    return line_of(element, names.PUBLISHER)


def _only(values: Iterable[str]) -> str:
    """The one value, or nothing: of several, it is not known which is this item's."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else ""
