"""Which of a project's documents are meant."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

_NAMED = """exists (
    select from edges e join nodes n on n.project = e.project and n.node_id = e.target_id
    where e.project = d.project and e.source_id = d.document_id and e.kind = '{edge}' and n.kind = '{node}' and {named}
)"""
_CONDITIONS = {
    "kind": "d.kind = %(kind)s",
    "year_from": "d.year >= %(year_from)s",
    "year_to": "d.year <= %(year_to)s",
    "tag": _NAMED.format(edge="TAGGED", node="Tag", named="lower(n.name) = lower(%(tag)s)"),
    # A collection's key is the names from the outermost to its own.
    "collection": _NAMED.format(
        edge="IN_COLLECTION",
        node="Collection",
        named="lower(%(collection)s) = any(string_to_array(lower(n.key), E'\\x1f'))",
    ),
}


@dataclass(frozen=True)
class Filters:
    """What documents must be; None asks for nothing.

    Attributes:
        kind: The source's own type, for example `journalArticle`.
        collection: The name of a collection that holds the document, itself or through one within it.
        tag: The name of a tag.
    """

    kind: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    collection: str | None = None
    tag: str | None = None

    def condition(self) -> str:
        """SQL that is true of the rows `d` of documents that pass; it takes the `parameters`."""
        return " and ".join(_CONDITIONS[name] for name in self.parameters()) or "true"

    def parameters(self) -> dict[str, Any]:
        asked = {
            "kind": self.kind,
            "year_from": self.year_from,
            "year_to": self.year_to,
            "collection": _written(self.collection),
            "tag": _written(self.tag),
        }
        return {name: value for name, value in asked.items() if value is not None}


def _written(name: str | None) -> str | None:
    """As nodes are named."""
    return None if name is None else " ".join(unicodedata.normalize("NFC", name).split())
