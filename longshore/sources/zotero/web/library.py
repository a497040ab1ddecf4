"""The items of a library as a mirror has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from longshore.errors import InvalidSource
from longshore.sources.model import Item
from longshore.sources.zotero.web.items import build, is_attachment
from longshore.sources.zotero.web.mirror import Entry, Mirror


class Shelved(NamedTuple):
    """An item with the objects that its files belong to."""

    item: Item
    attachments: tuple[Entry, ...]


class WebLibrary:
    """Items in the order of their keys, each with its notes and attachments; what lies in the bin is left out.

    Args:
        collection: The key of the one to read, with all that it contains; the whole library if None.
    """

    def __init__(self, mirror: Mirror, collection: str | None = None) -> None:
        self._mirror = mirror
        self._collection = collection

    def items(self) -> Iterator[Item]:
        return (shelved.item for shelved in self.shelved())

    def shelved(self) -> Iterator[Shelved]:
        """
        Raises:
            InvalidSource: `collection_not_found`.
        """
        if self._collection is not None and not self._line_of(self._collection):
            raise InvalidSource(
                "collection_not_found",
                f"The library {self._mirror.head.library} has no collection {self._collection}.",
                "Check its address, or choose by the name of a collection.",
            )
        children: defaultdict[str, list[str]] = defaultdict(list)
        outermost = []
        for key in self._mirror:
            data = self._mirror.get(key).data
            if parent := data.get("parentItem"):
                children[str(parent)].append(key)
            elif data.get("itemType") and not data.get("deleted"):
                outermost.append(key)
        for key in outermost:
            entry = self._mirror.get(key)
            if not self._is_meant(entry):
                continue
            beneath = [child for each in children[key] if not (child := self._mirror.get(each)).data.get("deleted")]
            item = build(entry, beneath, [self._path(key) for key in self._holders(entry)])
            if item is not None:
                yield Shelved(item, tuple(one for one in (entry, *beneath) if is_attachment(one)))

    def _is_meant(self, entry: Entry) -> bool:
        if self._collection is None:
            return True
        return any(self._collection in self._line_of(key) for key in self._holders(entry))

    def _holders(self, entry: Entry) -> list[str]:
        """The collections that hold an object and are not in the bin, nor within one that is."""
        told = [str(key) for key in entry.data.get("collections", ())]
        return [key for key in told if self._line_of(key)]

    def _path(self, key: str) -> tuple[str, ...]:
        return tuple(self._mirror.head.collections[each].name for each in reversed(self._line_of(key)))

    def _line_of(self, key: str | None) -> list[str]:
        """A collection and those around it, from the innermost; empty where one of them is not known."""
        line: list[str] = []
        while key is not None:
            if key not in self._mirror.head.collections or key in line:
                return []
            line.append(key)
            key = self._mirror.head.collections[key].parent
        return line
