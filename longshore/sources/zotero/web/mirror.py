"""A library as it was last fetched: every object in its newest version that is known, and the files that were brought.

It is kept as JSON Lines, the head first, so that what is fetched the next time is only what has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from longshore.codes import ItemCode
from longshore.errors import InvalidSource
from longshore.sources import spool
from longshore.sources.spool import Spool

RULES = 1
"""Of what is kept of an object; one more makes the next import fetch everything again."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Collection(_Frozen):
    name: str
    parent: str | None = None


class Brought(_Frozen):
    """What became of an attachment's file: `sha256` and `size`, or why it was not to be had."""

    of: str
    """What told one version of the file from another: its MD5 as Zotero has it, or else the attachment's version."""
    sha256: str | None = None
    size: int = 0
    missing: ItemCode | None = None


class Entry(_Frozen):
    """An item, a note or an attachment. Of what is in the bin or is an annotation, only that is kept."""

    key: str
    version: int
    data: dict[str, Any]
    file: Brought | None = None


class Head(_Frozen):
    library: str
    """`users/123` or `groups/456`."""
    api: str
    """Of the server that it was fetched from."""
    version: int = 0
    """Of the library, all of whose changes up to it are here."""
    collections: dict[str, Collection] = {}
    rules: int = RULES


class Mirror:
    """Holds the keys in memory and the objects aside."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.changed = False
        """Since it was read."""
        self._spool = Spool()
        self._places: dict[str, tuple[int, spool.Place]] = {}

    @classmethod
    def read(cls, path: Path) -> Mirror:
        """Raises: InvalidSource `bad_manifest`: it was not written by `lines`."""
        try:
            with path.open("rb") as file:
                mirror = cls(Head.model_validate_json(file.readline()))
                for line in file:
                    told = json.loads(line)
                    mirror._keep(str(told["key"]), int(told["version"]), line)
        except (ValidationError, ValueError, TypeError, KeyError) as error:
            raise InvalidSource(
                "bad_manifest", "What was kept of the library cannot be read.", "Submit the import again."
            ) from error
        return mirror

    def lines(self) -> Iterator[bytes]:
        """Equal libraries give equal lines."""
        yield self.head.model_dump_json().encode() + b"\n"
        for key in self:
            yield self._spool.get(self._places[key][1])

    def __iter__(self) -> Iterator[str]:
        """The keys, sorted."""
        return iter(sorted(self._places))

    def version_of(self, key: str) -> int | None:
        place = self._places.get(key)
        return place[0] if place else None

    def get(self, key: str) -> Entry:
        return Entry.model_validate_json(self._spool.get(self._places[key][1]))

    def put(self, entry: Entry) -> None:
        told = entry.model_dump(mode="json", exclude_none=True, exclude={"data"}) | {"data": entry.data}
        line = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        self._keep(entry.key, entry.version, line)
        self.changed = True

    def drop(self, key: str) -> None:
        self.changed = self._places.pop(key, None) is not None or self.changed

    def set_head(self, version: int, collections: dict[str, Collection]) -> None:
        head = self.head.model_copy(update={"version": version, "collections": dict(sorted(collections.items()))})
        self.changed = self.changed or head != self.head
        self.head = head

    def _keep(self, key: str, version: int, line: bytes) -> None:
        self._places[key] = (version, self._spool.put(line))
