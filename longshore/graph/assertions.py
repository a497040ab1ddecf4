"""What one item says about the graph: its nodes and edges, before they are stored."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

from longshore.graph.keys import edge_id, node_id
from longshore.sources.model import Creator, Item

_COLLECTION_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Node:
    kind: str
    key: str
    name: str

    @property
    def id(self) -> UUID:
        return node_id(self.kind, self.key)


@dataclass(frozen=True)
class Edge:
    kind: str
    source: UUID
    target: UUID

    @property
    def id(self) -> UUID:
        return edge_id(self.kind, self.source, self.target)


@dataclass
class Asserted:
    """Nodes and edges that one item stands for."""

    nodes: set[Node] = field(default_factory=set)
    edges: set[Edge] = field(default_factory=set)

    def link(self, kind: str, source: UUID, target: UUID) -> None:
        self.edges.add(Edge(kind, source, target))

    def name(self, kind: str, name: str, key: str | None = None) -> UUID:
        node = Node(kind, key or name, name)
        self.nodes.add(node)
        return node.id


def asserted_by(item: Item, document: UUID) -> Asserted:
    """Authors, venue, tags and collections. A node's key is its name as written, so that a name never depends on who
    wrote it first."""
    asserted = Asserted()
    for creator in item.creators:
        if creator.role == "author" and (author := _person(creator)):
            asserted.link("AUTHORED", asserted.name("Author", author), document)
    if item.venue and (venue := _clean(item.venue)):
        asserted.link("PUBLISHED_IN", document, asserted.name("Venue", venue))
    for tag in item.tags:
        if label := _clean(tag.name):
            asserted.link("TAGGED", document, asserted.name("Tag", label))
    if item.repository:
        asserted.link("CONTAINS", asserted.name("Repository", item.repository), document)
    for path in item.collections:
        _assert_collection(asserted, document, [_clean(name) for name in path])
    return asserted


def _assert_collection(asserted: Asserted, document: UUID, path: list[str]) -> None:
    outer: UUID | None = None
    for depth, name in enumerate(path, start=1):
        inner = asserted.name("Collection", name, key=_COLLECTION_SEPARATOR.join(path[:depth]))
        if outer:
            asserted.link("CONTAINS", outer, inner)
        outer = inner
    if outer:
        asserted.link("IN_COLLECTION", document, outer)


def _person(creator: Creator) -> str:
    return ", ".join(part for part in (_clean(creator.family), _clean(creator.given)) if part)


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
