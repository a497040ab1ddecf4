"""What a document is called and described as: a function of the set of items that assert it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longshore.sources.model import Item

_SINGLE = (
    "date",
    "arxiv",
    "isbn",
    "issn",
    "url",
    "venue",
    "publisher",
    "volume",
    "issue",
    "pages",
    "abstract",
    "language",
)


@dataclass(frozen=True)
class Assertion:
    """One item's word on a document. Sorting by `origin` puts the items in the order of precedence."""

    origin: str
    item: Item
    """With what it says of itself, if it is a loose file."""
    part_titles: tuple[str, ...]
    """Titles that the item's files show themselves, in the order of the files."""


@dataclass(frozen=True)
class DocumentRow:
    kind: str
    title: str
    year: int | None
    doi: str | None
    metadata: Mapping[str, Any]


def describe_document(assertions: Sequence[Assertion]) -> DocumentRow:
    """For every field the first item that has it, in the order of origins; entries go before loose files.

    Whatever the order in which the items arrived, the answer is the same.
    """
    ordered = sorted(assertions, key=lambda assertion: (assertion.item.kind != "entry", assertion.origin))
    items = [assertion.item for assertion in ordered]
    creators = next((item.creators for item in items if item.creators), ())
    metadata: dict[str, Any] = {name: _first(items, name) for name in _SINGLE}
    metadata["creators"] = [creator.model_dump() for creator in creators]
    return DocumentRow(
        kind=_first(items, "item_type") or items[0].kind,
        title=next((title for assertion in ordered if (title := _title(assertion))), "Untitled"),
        year=_first(items, "year"),
        doi=_first(items, "doi"),
        metadata={name: value for name, value in metadata.items() if value},
    )


def _title(assertion: Assertion) -> str:
    """A loose file's own title says more than its file name; an entry's says what its owner wants to see."""
    shown = next(iter(assertion.part_titles), "")
    return (assertion.item.title or shown) if assertion.item.kind == "entry" else (shown or assertion.item.title)


def _first(items: Sequence[Item], name: str) -> Any:
    return next((value for item in items if (value := getattr(item, name))), None)
