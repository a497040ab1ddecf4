"""What JabRef, and Better BibTeX in its manner, keep in comments: the tree of groups and the folder of files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

_META = re.compile(r"jabref-meta:\s*([\w-]+):(.*)", re.DOTALL | re.IGNORECASE)
_GROUP = re.compile(r"\s*(\d+)\s+(\w+):(.*)", re.DOTALL)
_TREES = frozenset({"grouping", "groupstree"})
_MOST_LEVELS = 20

Path = tuple[str, ...]


class Metadata:
    """`folder` is where relative paths of files begin, if the file says so."""

    def __init__(self) -> None:
        self.folder = ""
        self._paths: defaultdict[str, set[Path]] = defaultdict(set)
        self._of_keys: defaultdict[str, set[Path]] = defaultdict(set)

    def read(self, comment: str) -> None:
        """Take what a comment says, if it is one of these."""
        if not (found := _META.match(comment)):
            return
        name, value = found.group(1).lower(), found.group(2)
        if name in _TREES:
            self._read_tree(value)
        elif name.startswith("filedirectory"):
            folder = value.strip().removesuffix(";").replace("\\\\", "/").replace("\\", "/")
            self.folder = self.folder or folder

    def collections(self, key: str, groups: Iterable[str]) -> set[Path]:
        """Where an entry is: in the groups that it names, each at its place in the tree, and in those that name it."""
        named: set[Path] = set()
        for group in groups:
            places = self._paths.get(group, set())
            named |= places if len(places) == 1 else {(group,)}
        return named | self._of_keys.get(key, set())

    def _read_tree(self, value: str) -> None:
        above: list[str] = []
        for line in re.split(r"(?<!\\);", value.replace("\r", "")):
            # Old versions break lines at a width, within names too.
            if not (found := _GROUP.fullmatch(line.strip().replace("\n", ""))):
                continue
            level, kind = min(int(found.group(1)[:4]), _MOST_LEVELS), found.group(2)
            if kind == "AllEntriesGroup":
                continue
            parts = [part.replace("\\\\", "\\") for part in re.split(r"(?<!\\)\\;", found.group(3))]
            above = [*above[: max(0, level - 1)], " ".join(parts[0].split())]
            self._paths[above[-1]].add(tuple(above))
            if kind == "ExplicitGroup":
                for key in parts[2:]:
                    if key.strip():
                        self._of_keys[key.strip()].add(tuple(above))
