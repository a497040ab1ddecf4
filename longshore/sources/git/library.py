"""A repository's files as items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

from longshore.sources.git.location import parse_location
from longshore.sources.git.snapshot import Entry, Snapshot
from longshore.sources.model import REPOSITORY_FILE, Attachment, Item, Refusal


class RepositoryLibrary:
    """One item for each file, its path as the key and its folders, within the repository, as its collection.

    A file is its place and not its content: changed, it is the same document, and two empty modules are two.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._wanted = snapshot.head.wanted
        self._name = parse_location(self._wanted.url).name
        self._entries = snapshot.entries

    def items(self) -> Iterator[Item]:
        """In the order of their paths."""
        return map(self._item, self._entries)

    def _item(self, entry: Entry) -> Item:
        path = PurePosixPath(entry.path)
        return Item(
            key=entry.path,
            kind="attachment",
            item_type=REPOSITORY_FILE,
            title=entry.path,
            url=f"{self._wanted.url}#{quote(self._wanted.ref or 'HEAD')}:{quote(entry.path)}",
            repository=self._name,
            collections=((self._name, *path.parent.parts),),
            attachments=(Attachment(title=path.name, path=entry.path, sha256=entry.sha256, size=entry.size),),
            refusal=Refusal(state="skipped", code=entry.skipped, final=True) if entry.skipped else None,
        )
