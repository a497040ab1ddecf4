"""A repository at one commit, as it is kept: what was asked for, what it resolved to, and every file with its fate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from longshore.errors import InvalidSource

RULES = 1
"""Of what is left out and why; one more makes the next rescan look at every file again."""

Skipped = Literal[
    "binary",
    "empty",
    "generated",
    "ignored",
    "lfs_pointer",
    "submodule",
    "symlink",
    "too_large",
    "unsafe_name",
    "vendored",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Wanted(_Frozen):
    """What to read of which repository."""

    url: str
    ref: str | None = None
    """A branch, a tag, or a commit's whole id; the default branch if None."""
    include: tuple[str, ...] = ()
    """Patterns as in .gitignore; everything if empty."""
    exclude: tuple[str, ...] = ()


class Entry(_Frozen):
    """A file of the repository, or a folder that is left out whole; its path then ends with a slash."""

    path: str
    blob: str
    """Its object id in git, which names its content."""
    sha256: str | None = None
    """None where it was left out."""
    size: int = 0
    skipped: Skipped | None = None


class Head(_Frozen):
    wanted: Wanted
    commit: str
    """The whole id of the commit that is read."""
    branch: str | None = None
    """What `commit` was found by: the name of a branch or tag."""
    rules: int = RULES


class Snapshot(_Frozen):
    head: Head
    entries: tuple[Entry, ...]
    """Sorted by path."""

    def by_path(self) -> Mapping[str, Entry]:
        return {entry.path: entry for entry in self.entries}


def write_snapshot(head: Head, entries: Iterable[Entry]) -> bytes:
    """JSON Lines, the head first: equal snapshots give equal bytes."""
    lines = [head, *sorted(entries, key=lambda entry: entry.path)]
    return b"".join(line.model_dump_json().encode() + b"\n" for line in lines)


def read_snapshot(data: bytes) -> Snapshot:
    """Raises: InvalidSource `bad_manifest`: it was not written by `write_snapshot`."""
    first, _, rest = data.partition(b"\n")
    try:
        head = Head.model_validate_json(first)
        entries = tuple(Entry.model_validate(json.loads(line)) for line in rest.splitlines())
    except (ValidationError, ValueError) as error:
        raise InvalidSource(
            "bad_manifest", "The list of the repository's files cannot be read.", "Submit the import again."
        ) from error
    return Snapshot(head=head, entries=entries)
