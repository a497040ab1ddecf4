"""Addresses that a text gives of other files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from longshore.parsing.model import Reference

_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|\\|\Z")


def relative_links(addresses: Iterable[str]) -> Iterator[Reference]:
    """Those of the addresses that name a file by its place, without what they say of a place within it.

    One that begins with a slash is meant from the top of the source.
    """
    for address in addresses:
        path = re.split(r"[?#]", address.strip(), maxsplit=1)[0]
        if not _ELSEWHERE.match(path):
            yield Reference(kind="link", target=unquote(path))
