"""Every file of a commit, with what is to become of it."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dulwich.object_store import BaseObjectStore
from dulwich.objects import S_ISGITLINK, Blob, ObjectID, Tree

from longshore.errors import InvalidSource
from longshore.sources.git import choosing
from longshore.sources.git.choosing import Marks, Patterns
from longshore.sources.git.snapshot import Entry, Skipped
from longshore.sources.paths import canonical

MOST_ENTRIES = 200_000
DEEPEST = 100


class Found(NamedTuple):
    """A file; `content` is None where it need not be sent: it is left out, or was read at an earlier import."""

    entry: Entry
    content: bytes | None = None


@dataclass
class Walk:
    """One pass over a tree.

    Args:
        known: the entries of an earlier snapshot by path: a file that has not changed is not looked at.
    """

    store: BaseObjectStore
    patterns: Patterns
    known: Mapping[str, Entry]
    _seen: int = field(default=0, init=False)

    def files(self, tree: Tree) -> Iterator[Found]:
        """In the order of the tree.

        Raises:
            InvalidSource: `repository_too_large`: more entries, or folders deeper, than a repository may have.
        """
        yield from self._folder(tree, "", [], 0)

    def _folder(self, tree: Tree, folder: str, marks: list[Marks], depth: int) -> Iterator[Found]:
        marks = [*marks, *self._marks(tree, folder)]
        for entry in tree.iteritems():
            self._count(depth)
            name = entry.path.decode("utf-8", errors="backslashreplace")
            path = folder + name
            blob = entry.sha.decode()
            if not _is_plain(name, path):
                yield Found(Entry(path=_printable(path), blob=blob, skipped="unsafe_name"))
            elif S_ISGITLINK(entry.mode):
                yield from self._left_out(path, blob, "submodule")
            elif stat.S_ISDIR(entry.mode):
                yield from self._subfolder(f"{path}/", entry.sha, marks, depth)
            elif stat.S_ISLNK(entry.mode):
                yield from self._left_out(path, blob, "symlink")
            elif self.patterns.chosen(path):
                yield self._file(path, entry.sha, marks)

    def _subfolder(self, path: str, sha: ObjectID, marks: list[Marks], depth: int) -> Iterator[Found]:
        skipped = choosing.left_out_folder(path)
        if skipped:
            yield from self._left_out(path, sha.decode(), skipped)
        elif isinstance(tree := self.store[sha], Tree):
            yield from self._folder(tree, path, marks, depth + 1)

    def _file(self, path: str, sha: ObjectID, marks: list[Marks]) -> Found:
        blob = sha.decode()
        skipped = choosing.left_out_by_name(path, marks)
        if skipped:
            return Found(Entry(path=path, blob=blob, skipped=skipped))
        before = self.known.get(path)
        if before and before.blob == blob and (before.sha256 or before.skipped not in _BY_NAME):
            return Found(before)
        try:
            content = self._content(sha)
        except MemoryError:
            return Found(Entry(path=path, blob=blob, skipped="too_large"))
        skipped = choosing.left_out_by_content(path, content)
        entry = Entry(path=path, blob=blob, size=len(content), skipped=skipped)
        return Found(entry, None if skipped else content)

    def _left_out(self, path: str, blob: str, skipped: Skipped) -> Iterator[Found]:
        if self.patterns.chosen(path):
            yield Found(Entry(path=path, blob=blob, skipped=skipped))

    def _marks(self, tree: Tree, folder: str) -> list[Marks]:
        read = {
            name: self._content(tree[name][1])
            for name in (b".gitignore", b".gitattributes")
            if name in tree and stat.S_ISREG(tree[name][0])
        }
        return [Marks(folder, read.get(b".gitignore", b""), read.get(b".gitattributes", b""))] if read else []

    def _content(self, sha: ObjectID) -> bytes:
        found = self.store[sha]
        return found.data if isinstance(found, Blob) else b""

    def _count(self, depth: int) -> None:
        self._seen += 1
        if self._seen > MOST_ENTRIES or depth > DEEPEST:
            raise InvalidSource(
                "repository_too_large",
                f"The repository has more than {MOST_ENTRIES} entries, or folders more than {DEEPEST} deep.",
                "Choose some of its paths with include.",
            )


_BY_NAME: frozenset[Skipped | None] = frozenset({"ignored", "generated", "vendored", None})
"""Fates that another file may have decided, so that they are looked at anew."""


def _is_plain(name: str, path: str) -> bool:
    """Whether it is one name within its folder, as any system would write it."""
    return "/" not in name and name.casefold() != ".git" and canonical(path) is not None and "\\" not in name


def _printable(path: str) -> str:
    return path.encode("unicode_escape").decode()
