"""What systems and editors leave beside the files that somebody means."""

from __future__ import annotations

_LEFT_BEHIND = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


def is_debris(path: str) -> bool:
    """Whether a path is hidden, lies in a hidden folder, or is what an operating system keeps for itself."""
    return any(part.startswith((".", "~$")) or part.casefold() in _LEFT_BEHIND for part in path.split("/"))
