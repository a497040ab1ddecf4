"""The files of a source, as those who look for one by a name need them."""

from __future__ import annotations

import posixpath
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping


class FileTree:
    """
    Args:
        paths: of all files of a source, in one spelling: relative, with slashes, composed (NFC).
        go_modules: names that go.mod files give to their folders, by the folder.
    """

    def __init__(self, paths: Iterable[str], go_modules: Mapping[str, str]) -> None:
        self.paths = frozenset(paths)
        self.go_modules = dict(sorted(go_modules.items(), key=lambda entry: (-len(entry[1]), entry)))
        """By folder, those with the longest names first."""
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_folder: defaultdict[str, list[str]] = defaultdict(list)
        for path in sorted(self.paths):
            folder, name = posixpath.split(path)
            self._by_name[name.casefold()].append(path)
            self._by_folder[folder].append(path)

    def first(self, candidates: Iterable[str | None]) -> str | None:
        """The first of the paths that is a file here."""
        return next((path for path in candidates if path in self.paths), None)

    def in_folder(self, folder: str) -> list[str]:
        """Files right in a folder, sorted."""
        return self._by_folder.get(folder, [])

    def ending(self, path: str) -> list[str]:
        """Files whose path ends with these parts, sorted."""
        named = self._by_name.get(posixpath.basename(path).casefold(), [])
        return [found for found in named if f"/{found}".endswith(f"/{path}")]

    def named(self, name: str) -> list[str]:
        """Files of a name in any folder, whatever its case; sorted."""
        return self._by_name.get(name.casefold(), [])


def joined(folder: str, relative: str) -> str | None:
    """The path of what `relative` names from a folder; None if that is outside. The top is the empty path."""
    path = posixpath.normpath(posixpath.join("/", folder, unicodedata.normalize("NFC", relative)))
    depth = len([part for part in folder.split("/") if part])
    for part in relative.split("/"):
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            return None
    return path.lstrip("/")


def ancestors(folder: str) -> Iterator[str]:
    """The folder and those that it lies in, the nearest first; the top, as the empty path, last."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""
