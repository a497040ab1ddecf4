"""Which items of a library are read: by their collections, tags and types."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from longshore.errors import InvalidSource
from longshore.sources.base import Source
from longshore.sources.model import Item

_NAMED_IN_ERRORS = 12


class Choice(BaseModel):
    """Of several collections, tags or types any will do; where several of these are named, all of them have to fit."""

    model_config = ConfigDict(frozen=True)

    collections: tuple[str, ...] = ()
    """By name, with all that they contain; `Outer/Inner` names one within another."""
    tags: tuple[str, ...] = ()
    item_types: tuple[str, ...] = ()
    """As Zotero names them: `journalArticle`, `book`, `attachment` for a file of its own."""

    def __bool__(self) -> bool:
        return bool(self.collections or self.tags or self.item_types)

    def takes(self, item: Item) -> bool:
        return (
            (not self.item_types or item.item_type in self.item_types)
            and (not self.tags or not {_folded(tag.name) for tag in item.tags}.isdisjoint(map(_folded, self.tags)))
            and (not self.collections or any(_lies_in(path, self.collections) for path in item.collections))
        )


class ChosenItems:
    """A source of which some items are read.

    Raises:
        InvalidSource: from `items`, `nothing_chosen`: there is none such. Without that, a slip in a name would look
            like a library from which everything was removed.
    """

    def __init__(self, source: Source, choice: Choice) -> None:
        self._source = source
        self._choice = choice

    def items(self) -> Iterator[Item]:
        collections: set[str] = set()
        none = True
        for item in self._source.items():
            collections.update("/".join(path) for path in item.collections)
            if self._choice.takes(item):
                none = False
                yield item
        if none:
            raise _nothing(self._choice, sorted(collections))


def _lies_in(path: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    folded = [_folded(name) for name in path]
    spans = {"/".join(folded[start:end]) for end in range(len(path) + 1) for start in range(end)}
    return not spans.isdisjoint(map(_folded, wanted))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def _nothing(choice: Choice, collections: list[str]) -> InvalidSource:
    asked = [
        *(f"collection {name!r}" for name in choice.collections),
        *(f"tag {name!r}" for name in choice.tags),
        *(f"type {name!r}" for name in choice.item_types),
    ]
    named = ", ".join(collections[:_NAMED_IN_ERRORS]) + (" …" if len(collections) > _NAMED_IN_ERRORS else "")
    return InvalidSource(
        "nothing_chosen",
        f"No item of the library is one of {', '.join(asked)}.",
        f"Its collections are {named}." if named else "It has no collections.",
    )
