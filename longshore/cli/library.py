"""What `longshore import` is asked to read of a Zotero library, and where on the web that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from longshore.cli.output import BadInput


@dataclass(frozen=True)
class Choice:
    """By collection, tag and type of item."""

    collections: list[str]
    tags: list[str]
    item_types: list[str]

    def body(self) -> dict[str, list[str]]:
        """What is chosen, as the API takes it; empty where nothing is."""
        return {name: values for name, values in vars(self).items() if values}

    def refuse(self, path: str) -> None:
        """
        Raises:
            BadInput: something was chosen of what is no Zotero library.
        """
        for option, given in (("--collection", self.collections), ("--tag", self.tags), ("--type", self.item_types)):
            if given:
                raise BadInput(
                    "only_for_zotero",
                    f"{option} is for Zotero libraries, and {path} is none.",
                    "Name an export of a library, or zotero://groups/NUMBER.",
                )


def online_library(path: str, name: str | None, credential: str | None, choice: Choice) -> dict[str, Any] | None:
    """A library of zotero.org as the API takes it; None where the path names something else.

    Raises:
        InvalidSource: `bad_library`.
    """
    from longshore.sources.zotero.web.place import is_of_zotero, parse_place

    if not is_of_zotero(path):
        return None
    place = parse_place(path)
    return {
        "kind": "zotero-web",
        "library": place.library,
        "collection": place.collection,
        "name": (name or place.name).strip(),
        "credential": credential,
        **choice.body(),
    }
