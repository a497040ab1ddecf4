"""What every kind of source gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Protocol

from longshore.sources.model import Item

HandedOver = Literal["zotero", "bibliography", "files"]
"""Kinds of which a caller brings the files."""
Kind = Literal[HandedOver, "git", "zotero-web"]


class Source(Protocol):
    """Something that items are read from, as often as need be: equal content gives equal items in equal order."""

    def items(self) -> Iterator[Item]:
        """The items, read as they are asked for."""
        ...
