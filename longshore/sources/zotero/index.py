"""What the items of a library refer to: containers, attachments, notes, collections. The first pass over the file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

from lxml import etree

from longshore.sources.model import Tag
from longshore.sources.spool import Place, Spool
from longshore.sources.zotero import names
from longshore.sources.zotero.stream import nodes

MOST_COLLECTIONS = 1000
DEEPEST_COLLECTION = 100
"""Zotero's collections are a tree. In a file that says otherwise, the ways up from an item can be without number."""

NodeKind = Literal["entry", "attachment", "note", "collection", "container"]


def text_of(element: etree._Element, *tags: str) -> str:
    """The first text among the direct children with these tags, trimmed; empty if there is none."""
    for tag in tags:
        for child in element.iterchildren(tag):
            if child.text and (text := child.text.strip()):
                return text
    return ""


def line_of(element: etree._Element, *tags: str) -> str:
    """Like `text_of`, on one line."""
    return " ".join(text_of(element, *tags).split())


def url_of(element: etree._Element) -> str:
    for uri in element.iterfind(f"{names.IDENTIFIER}/{names.URI}"):
        if url := text_of(uri, names.VALUE):
            return url
    return ""


def identifiers_of(element: etree._Element) -> list[str]:
    """The plain identifiers, such as `DOI 10.5555/x`, `ISSN 1234-5678`."""
    return [text for child in element.iterchildren(names.IDENTIFIER) if (text := (child.text or "").strip())]


def tags_of(element: etree._Element) -> tuple[Tag, ...]:
    found: list[Tag] = []
    for subject in element.iterchildren(names.SUBJECT):
        automatic = subject.find(names.AUTOMATIC_TAG)
        name = line_of(automatic, names.VALUE) if automatic is not None else " ".join((subject.text or "").split())
        if name:
            found.append(Tag(name=name, automatic=automatic is not None))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class AttachmentNode:
    title: str
    path: str | None
    media_type: str | None
    url: str | None
    note: str
    tags: tuple[Tag, ...]

    @classmethod
    def read(cls, element: etree._Element) -> AttachmentNode:
        return cls(
            title=line_of(element, names.TITLE),
            path=_path_of(element),
            media_type=line_of(element, names.MEDIA_TYPE) or None,
            url=url_of(element) or None,
            note=text_of(element, names.EXTRA),
            tags=tags_of(element),
        )


@dataclass(frozen=True, slots=True)
class NoteNode:
    html: str
    tags: tuple[Tag, ...]

    @classmethod
    def read(cls, element: etree._Element) -> NoteNode:
        return cls(html=text_of(element, names.VALUE), tags=tags_of(element))


@dataclass(frozen=True, slots=True)
class Container:
    """A journal, a book, a newspaper, a website: where an item appeared."""

    title: str
    identifiers: tuple[str, ...]
    volumes: tuple[str, ...]
    issues: tuple[str, ...]
    item: bool
    """It is an item of its own, so its DOI is its own."""

    @classmethod
    def read(cls, element: etree._Element) -> Container:
        return cls(
            title=line_of(element, names.TITLE, names.ALTERNATIVE),
            identifiers=tuple(identifiers_of(element)),
            volumes=_texts(element, names.VOLUME),
            issues=_texts(element, names.ISSUE),
            item=element.find(names.ITEM_TYPE) is not None,
        )


@dataclass(slots=True)
class Index:
    """References of one file, by `rdf:about`, which holds within that file only."""

    title: str | None = None
    """The library's title, where the file describes itself."""
    attachments: dict[str, AttachmentNode] = field(default_factory=dict)
    children: set[str] = field(default_factory=set)
    """Attachments and notes that belong to an item."""
    paths: dict[str, None] = field(default_factory=dict)
    """Every path that an attachment names, in order."""
    items: int = 0
    notes: NoteStore = field(default_factory=lambda: NoteStore())
    containers: dict[str, Container] = field(default_factory=dict)
    container_users: Counter[str] = field(default_factory=Counter)
    _collection_names: dict[str, str] = field(default_factory=dict)
    _holders: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls, rdf: Path) -> Index:
        """Raises: InvalidSource, as `nodes` does."""
        index = cls()
        for element in nodes(rdf):
            index._add(element)
        return index

    def kind(self, element: etree._Element) -> NodeKind:
        """What a node under the root is. Once the index is complete, an untyped container never passes for an entry."""
        item_type = text_of(element, names.ITEM_TYPE)
        if element.tag == names.ATTACHMENT or item_type == "attachment":
            return "attachment"
        if element.tag == names.MEMO or item_type == "note":
            return "note"
        if item_type:
            return "entry"
        if element.tag == names.COLLECTION or _typed_as(element, names.COLLECTION):
            return "collection"
        if element.tag in names.TYPES_OF_CLASSES and element.get(names.ABOUT) not in self.container_users:
            return "entry"
        return "container"

    def standalone(self, element: etree._Element) -> bool:
        return element.get(names.ABOUT) not in self.children

    def collections(self, about: str | None) -> tuple[tuple[str, ...], ...]:
        """The collections that hold a node, each from the outermost name to the innermost; sorted.

        No more than `MOST_COLLECTIONS`, and of each no more than the innermost `DEEPEST_COLLECTION`.
        """
        held = self._in_order(about) if about else []
        paths = (path for holder in held for path in self._collection_paths(holder, frozenset()))
        return tuple(sorted(set(islice(paths, MOST_COLLECTIONS))))

    def _collection_paths(self, about: str, below: frozenset[str]) -> Iterator[tuple[str, ...]]:
        if about not in self._collection_names or about in below or len(below) == DEEPEST_COLLECTION:
            return
        outermost = True
        for holder in self._in_order(about):
            for path in self._collection_paths(holder, below | {about}):
                outermost = False
                yield (*path, self._collection_names[about])
        if outermost:
            yield (self._collection_names[about],)

    def _in_order(self, about: str) -> list[str]:
        """What holds it; by name, for the rest of a reference changes from one export to the next."""
        return sorted(self._holders.get(about, ()), key=lambda holder: (self._collection_names.get(holder, ""), holder))

    def _add(self, element: etree._Element) -> None:
        about = element.get(names.ABOUT)
        match self.kind(element):
            case "attachment":
                self.items += 1
                attachment = AttachmentNode.read(element)
                if attachment.path:
                    self.paths[attachment.path] = None
                if about:
                    self.attachments[about] = attachment
            case "note":
                self.items += 1
                if about:
                    self.notes.add(about, NoteNode.read(element))
            case "entry":
                self.items += 1
                self._add_references(element)
                if about and text_of(element, names.ITEM_TYPE) in ("", "book"):
                    self.containers[about] = Container.read(element)
            case "collection":
                self._add_collection(element, about)
            case "container":
                self._add_container(element, about)

    def _add_container(self, element: etree._Element, about: str | None) -> None:
        if about == "" and element.tag == names.DESCRIPTION:
            self.title = line_of(element, names.TITLE) or None
        elif about:
            self.containers[about] = Container.read(element)

    def _add_references(self, element: etree._Element) -> None:
        for child in element.iterchildren(names.LINK, names.REFERENCED_BY):
            if reference := child.get(names.RESOURCE):
                self.children.add(reference)
            for attachment in child.iterchildren(names.ATTACHMENT):
                if path := _path_of(attachment):
                    self.paths[path] = None
        for reference in {part.get(names.RESOURCE) for part in element.iter(names.PART_OF)}:
            if reference:
                self.container_users[reference] += 1

    def _add_collection(self, element: etree._Element, about: str | None) -> None:
        if not about:
            return
        self._collection_names[about] = line_of(element, names.TITLE)
        for part in element.iterchildren(names.HAS_PART):
            if reference := part.get(names.RESOURCE):
                self._holders[reference].add(about)


class NoteStore:
    """Notes by `rdf:about`. Their text may be most of a library."""

    def __init__(self) -> None:
        self._texts = Spool()
        self._places: dict[str, tuple[Place, tuple[Tag, ...]]] = {}

    def add(self, about: str, note: NoteNode) -> None:
        self._places[about] = (self._texts.put(note.html.encode()), note.tags)

    def get(self, about: str) -> NoteNode | None:
        if about not in self._places:
            return None
        place, tags = self._places[about]
        return NoteNode(html=self._texts.get(place).decode(), tags=tags)


def _path_of(element: etree._Element) -> str | None:
    """The file of an attachment: `rdf:resource` as an element is not legal RDF, and what Zotero writes."""
    for child in element.iterchildren(names.RESOURCE, names.PATH):
        if path := (child.get(names.RESOURCE) or child.text or "").strip():
            return path
    return None


def _texts(element: etree._Element, tag: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for child in element.iterchildren(tag) if (text := (child.text or "").strip())))


def _typed_as(element: etree._Element, tag: str) -> bool:
    uri = tag[1:].replace("}", "")
    return any(child.get(names.RESOURCE) == uri for child in element.iterchildren(names.TYPE))
