"""Where a library of zotero.org is: `users/123`, `groups/456`, and the addresses under which people know them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from longshore.errors import InvalidSource

KEY = r"[A-Z0-9]{8}"
"""Of an item or a collection, as Zotero makes them."""
LIBRARY = r"(?:users|groups)/[1-9][0-9]{0,14}"

_PLACE = re.compile(
    rf"(?:https?://(?:www\.)?zotero\.org/|zotero://(?:select/)?|)(?P<library>{LIBRARY})"
    rf"(?:/[^/?#]+)??(?:/collections/(?P<collection>{KEY}))?(?:/(?:library|items|item-list|collection|trash)\b[^?#]*)?/?"
)
_OURS = re.compile(r"zotero:|https?://(?:www\.)?zotero\.org/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A library, and if only a part of it is meant, the key of a collection. `name` is what the source is called."""

    library: str
    collection: str | None = None

    @property
    def name(self) -> str:
        return self.library


def is_of_zotero(text: str) -> bool:
    """Whether an address is one of Zotero's, be it right or wrong."""
    return bool(_OURS.match(text.strip()))


def parse_place(text: str) -> Place:
    """What an address names: `zotero://groups/456`, `https://www.zotero.org/groups/456/name/collections/ABCD2345`.

    Raises:
        InvalidSource: `bad_library`, saying what to write instead.
    """
    found = _PLACE.fullmatch(text.strip())
    if found is None:
        raise InvalidSource(
            "bad_library",
            f"{text.strip()} names no library of Zotero.",
            "Write zotero://groups/NUMBER or zotero://users/NUMBER: a group's number stands in the address of its "
            "page, your own at https://www.zotero.org/settings/keys.",
        )
    return Place(found["library"], found["collection"])
