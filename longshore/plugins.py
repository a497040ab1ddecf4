"""What other packages add: entry points, each named as the extension of the files that it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import PurePosixPath
from typing import Literal

Group = Literal["longshore.parsers", "longshore.sources"]

_EXTENSION = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


@cache
def added(group: Group) -> Mapping[str, EntryPoint]:
    """The entry points of installed packages, by their names; not loaded, for that runs the code of the package.

    A name that is no extension in lower case is left out. Of several packages with one name, the first by its own name
    counts, whatever the order in which they are found.
    """
    points = sorted(entry_points(group=group), key=lambda point: (point.name, label(point)), reverse=True)
    return {point.name: point for point in points if _EXTENSION.fullmatch(point.name)}


def added_for(group: Group, path: str) -> EntryPoint | None:
    """The one that reads files of that name."""
    return added(group).get(PurePosixPath(path.replace("\\", "/")).suffix.lower().removeprefix("."))


def label(point: EntryPoint) -> str:
    """Package, version and object: changes whenever what it makes of a file may."""
    package = f"{point.dist.name} {point.dist.version}" if point.dist else ""
    return f"{package} {point.value}".strip()
