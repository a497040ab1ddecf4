"""What a source holds, in the form every reader gives it."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict

from longshore.codes import ItemCode

REPOSITORY_FILE = "repositoryFile"
"""The type of items that are files of a repository."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Creator(_Frozen):
    """A person or body with a role; order within an item is the order of the source."""

    role: str
    """`author`, `editor`, `translator`, … as Zotero names them."""
    family: str
    given: str = ""


class Tag(_Frozen):
    name: str
    automatic: bool = False


class Attachment(_Frozen):
    """A file that belongs to an item. `sha256` is None when the source names a file that was not brought."""

    title: str = ""
    path: str | None = None
    """As written in the source, relative to it; None for a link without a file."""
    media_type: str | None = None
    url: str | None = None
    sha256: str | None = None
    size: int = 0
    missing: ItemCode | None = None
    """Why its file was not brought, where its source knows that."""


class Refusal(_Frozen):
    """Why nothing of an item can be written, as its source found out while it was read."""

    state: Literal["skipped", "failed"]
    code: ItemCode
    detail: str = ""
    final: bool = False
    """Whether what an earlier import wrote of it goes; otherwise that stays until the item can be read again."""


class Item(_Frozen):
    """One thing found in a source.

    `key` is unique in its source and stays the same when the source is exported again.
    """

    key: str
    kind: Literal["entry", "attachment", "note"]
    item_type: str = ""
    """The source's own type, for example `journalArticle`."""
    title: str = ""
    creators: tuple[Creator, ...] = ()
    date: str = ""
    year: int | None = None
    doi: str | None = None
    arxiv: str | None = None
    isbn: str | None = None
    issn: str | None = None
    url: str | None = None
    venue: str | None = None
    """Journal, proceedings, website or book that the item appeared in."""
    publisher: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    abstract: str = ""
    language: str | None = None
    extra: str = ""
    tags: tuple[Tag, ...] = ()
    collections: tuple[tuple[str, ...], ...] = ()
    """Every collection that holds the item, each as the names from the outermost to the innermost."""
    notes: tuple[str, ...] = ()
    """Notes as HTML."""
    attachments: tuple[Attachment, ...] = ()
    refusal: Refusal | None = None
    """Set for what is named in the source and is not or cannot be read."""
    repository: str | None = None
    """The repository that the item is a file of."""

    def content_hash(self) -> str:
        """SHA-256, in hex, of everything that an import would write for this item.

        Defaults are left out, so that a field that a later version adds does not make every item look changed; so are
        the folders of files, which Zotero numbers anew on every machine, and why a file was not brought.
        """
        content = self.model_dump(mode="json", exclude_defaults=True)
        for attachment in content.get("attachments", ()):
            attachment.pop("missing", None)
            if path := attachment.get("path"):
                attachment["path"] = PurePosixPath(path).name
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


class FileRef(_Frozen):
    """A file that was brought along, by its path in the source and its content."""

    path: str
    sha256: str
    size: int
