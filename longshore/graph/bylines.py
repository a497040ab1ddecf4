"""How the people of a document are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_FAMILY_FIRST = re.compile(r"[가-힣一-鿿぀-ヿ]")


def authors_of(creators: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """The authors among the creators, in their order."""
    return [_written(creator) for creator in creators or () if creator.get("role") == "author"]


def _written(creator: Mapping[str, Any]) -> str:
    """Given name first; in scripts that put the family first, as one word."""
    given, family = creator.get("given") or "", creator.get("family") or ""
    if given and _FAMILY_FIRST.match(family):
        return family + given
    return f"{given} {family}".strip()
