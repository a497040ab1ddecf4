"""Kinds of sources that other packages bring: docs/adding-a-kind.md shows one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, cast, get_args

from longshore.errors import InvalidSource
from longshore.plugins import added, added_for, label
from longshore.sources.base import Kind, Source
from longshore.sources.model import FileRef


class OpenSource(Protocol):
    """The object of an entry point `longshore.sources`, often a class. The entry point is named as the kind, and as the
    extension of the file that such a source is opened by."""

    def __call__(self, main: Path, files: Mapping[str, FileRef]) -> Source:
        """
        Args:
            main: The file that the source is opened by, under a name of its own.
            files: What was brought, by path: the main file, and those that items name as paths of attachments, from
                the folder of the main file on. On the machine of the user, who is still to bring them, there are none.

        Raises:
            InvalidSource: the file is not what it should be.
        """
        ...


def further_kinds() -> tuple[str, ...]:
    """Names of those that are installed, sorted; what Longshore reads itself cannot be replaced."""
    return tuple(sorted(set(added("longshore.sources")) - {*get_args(Kind), "rdf", "zip"}))


def kind_of(path: str) -> str | None:
    """The kind of source that a file of that name opens, if it is a further one."""
    point = added_for("longshore.sources", path)
    return point.name if point and point.name in further_kinds() else None


def open_further(kind: str, main: Path, files: Mapping[str, FileRef]) -> Source:
    """
    Raises:
        InvalidSource: the source's own, or `unknown_kind` if its package cannot be loaded.
    """
    point = added("longshore.sources")[kind]
    try:
        opens = cast(OpenSource, point.load())
    except Exception as error:
        raise InvalidSource(
            "unknown_kind",
            f"Sources of kind {kind!r} cannot be read: {label(point)} does not load ({type(error).__name__}: {error}).",
            "Install it again, or remove it.",
        ) from error
    return opens(main, files)


def main_of_further(kind: str, files: Iterable[FileRef]) -> FileRef:
    """The file that a source is opened by: the one of its extension that lies in no folder.

    Raises:
        InvalidSource: `no_main_file`.
    """
    found = [file for file in files if "/" not in file.path and kind_of(file.path) == kind]
    if len(found) != 1:
        raise InvalidSource(
            "no_main_file", f"The upload holds {len(found)} .{kind} files outside of folders.", "Bring exactly one."
        )
    return found[0]
