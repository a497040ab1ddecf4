"""Which files of a repository are read: by the caller's patterns, the repository's own marks, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from dulwich.ignore import IgnoreFilter, Pattern

from longshore.parsing.sniffing import HEAD_BYTES, sniff
from longshore.sources.git.snapshot import Skipped

LARGEST_DOCUMENT = 32 * 1024 * 1024
"""Bytes of a PDF, an Office file and the like."""
LARGEST_TEXT = 2 * 1024 * 1024

_VENDORED_FOLDERS = frozenset(
    {
        "node_modules",
        "bower_components",
        "vendor",
        "third_party",
        "third-party",
        "site-packages",
        ".venv",
        "venv",
        "Pods",
    }
)
_GENERATED_NAMES = frozenset(
    {
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
        *("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "Cargo.lock", "Gemfile.lock", "composer.lock"),
        *("go.sum", "flake.lock", "mix.lock", "pubspec.lock", "Podfile.lock", "gradle.lockfile"),
    }
)
_GENERATED_PATHS = re.compile(
    r"\.min\.(?:js|css|mjs)$|\.(?:js|css|mjs)\.map$|_pb2(?:_grpc)?\.pyi?$|\.pb\.(?:go|cc|h)$|\.g\.dart$|\.designer\.cs$",
    re.IGNORECASE,
)
_GENERATED_MARK = re.compile(
    rb"@generated|code generated .{0,80}do not edit|automatically generated|auto-?generated file", re.I
)
_MARKED_LINES = 10
_LFS = b"version https://git-lfs.github.com/spec/v1"
_MINIFIED = re.compile(r"\.(?:js|mjs|cjs|css)$", re.IGNORECASE)
_MINIFIED_LINE = 1000
"""Mean bytes of a line that no person wrote."""


class Patterns:
    """The caller's choice of paths, in the syntax of .gitignore."""

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        self._include = IgnoreFilter([pattern.encode() for pattern in include]) if include else None
        self._exclude = IgnoreFilter([pattern.encode() for pattern in exclude])

    def chosen(self, path: str) -> bool:
        folders = [f"{parent}/" for parent in reversed(PurePosixPath(path).parents) if parent.parts]
        if any(self._exclude.is_ignored(one) for one in (*folders, path)):
            return False
        return self._include is None or any(self._include.is_ignored(one) for one in (*folders, path))


class Marks:
    """What .gitignore and .gitattributes in a folder say of the paths beneath it.

    Args:
        folder: their folder's path with a slash at its end, or an empty string.
    """

    def __init__(self, folder: str, ignore: bytes = b"", attributes: bytes = b"") -> None:
        self._folder = folder
        self._ignore = IgnoreFilter(line for line in ignore.splitlines() if line.strip() and not line.startswith(b"#"))
        self._attributes = [marked for line in attributes.splitlines() if (marked := _marked(line))]

    def ignored(self, path: str) -> bool | None:
        return self._ignore.is_ignored(path.removeprefix(self._folder))

    def skipped(self, path: str) -> Skipped | bool | None:
        """What the last line that matches says: why it is left out, or False for that it is not."""
        found: Skipped | bool | None = None
        for pattern, verdict in self._attributes:
            if pattern.match(path.removeprefix(self._folder).encode()):
                found = verdict
        return found


def left_out_folder(path: str) -> Skipped | None:
    """Whether a folder holds other people's work by its name."""
    return "vendored" if PurePosixPath(path).name in _VENDORED_FOLDERS else None


def left_out_by_name(path: str, marks: Sequence[Marks]) -> Skipped | None:
    """Why a path is left out, as far as its name and the repository's own files tell; the innermost folder decides."""
    verdicts = (verdict for mark in reversed(marks) if (verdict := mark.skipped(path)) is not None)
    verdict = next(verdicts, None)
    if isinstance(verdict, str):
        return verdict
    if next((ignored for mark in reversed(marks) if (ignored := mark.ignored(path)) is not None), False):
        return "ignored"
    if verdict is None and (PurePosixPath(path).name in _GENERATED_NAMES or _GENERATED_PATHS.search(path)):
        return "generated"
    return None


def left_out_by_content(path: str, content: bytes) -> Skipped | None:
    """Why a file is left out, as far as what it holds tells."""
    if not content.strip():
        return "empty"
    head = content[:HEAD_BYTES]
    if head.startswith(_LFS):
        return "lfs_pointer"
    kind = sniff(head, None, path)
    if kind is None:
        return "binary"
    if kind in ("pdf", "packed"):
        return "too_large" if len(content) > LARGEST_DOCUMENT else None
    if len(content) > LARGEST_TEXT:
        return "too_large"
    if _GENERATED_MARK.search(b"\n".join(head.splitlines()[:_MARKED_LINES])):
        return "generated"
    if _MINIFIED.search(path) and len(content) > _MINIFIED_LINE * (content.count(b"\n") + 1):
        return "generated"
    return None


def _marked(line: bytes) -> tuple[Pattern, Skipped | bool] | None:
    """A line of .gitattributes that says what GitHub's linguist asks for."""
    pattern, *attributes = line.split()[:20] or [b""]
    verdicts: dict[bytes, Skipped] = {b"linguist-generated": "generated", b"linguist-vendored": "vendored"}
    for attribute in attributes:
        name, _, value = attribute.lstrip(b"-").partition(b"=")
        if name in verdicts and not pattern.startswith((b"#", b"[")):
            negative = attribute.startswith(b"-") or value.lower() == b"false"
            return Pattern(pattern), False if negative else verdicts[name]
    return None
