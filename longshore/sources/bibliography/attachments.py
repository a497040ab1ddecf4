"""The files that records name, and which of those that were brought along they mean."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from longshore.sources.bibliography.records import one_line
from longshore.sources.model import Attachment, FileRef
from longshore.sources.paths import canonical, spellings

_ABSOLUTE = re.compile(r"/|~|[A-Za-z]:[/\\]|\\\\|(?:Users|home|Documents and Settings)[/\\]")
"""Mendeley leaves the first slash out."""
_WEB = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_FILE_URL = re.compile(r"file:(?://[^/]*)?(?=/)", re.IGNORECASE)
_ENDNOTE = "internal-pdf://"
_MOST_PLACES = 16


class Shelf:
    """What was brought along; it remembers what was asked for.

    Args:
        files: by paths relative to the bibliography's folder.
    """

    def __init__(self, files: Mapping[str, FileRef]) -> None:
        self._files = {path: file for name, file in files.items() if (path := canonical(name))}
        self.named: dict[str, list[str]] = {}
        """Every path that was named, as written, with the places where it may lie, likeliest first."""

    def attachment(self, path: str, title: str = "", kind: str = "", folder: str = "") -> Attachment | None:
        """
        Args:
            path: as written: relative, absolute as on the machine that wrote it, or a URL.
            kind: a media type, or a suffix as JabRef writes it.
            folder: where the bibliography says that relative paths begin.
        """
        path = path.strip()
        if not path:
            return None
        if _WEB.match(path):
            return Attachment(title=title or "Link", url=path)
        path = _local(path)
        places = self.named.setdefault(path, _places(path, folder))
        file = next((self._files[place] for place in places if place in self._files), None)
        written = path.replace("\\", "/")
        return Attachment(
            title=one_line(title) or PurePosixPath(written).name,
            path=written,
            media_type=_media_type(kind),
            sha256=file.sha256 if file else None,
            size=file.size if file else 0,
        )


def file_fields(value: str) -> list[tuple[str, str, str]]:
    """Title, path and type of each file in a BibTeX `file` field.

    JabRef, Zotero and Mendeley write `title:path:type`, Better BibTeX the path alone; several are parted by `;`, and a
    backslash keeps a separator from being one.
    """
    return [_file_field(_split(part, ":")) for part in _split(value, ";") if part.strip()]


def _file_field(parts: list[str]) -> tuple[str, str, str]:
    if len(parts) == 1:
        return "", _bare(parts[0]), ""
    if len(parts) == 2:
        first, second = parts
        if re.fullmatch(r"\s*[A-Za-z]|https?|file", first) and second.startswith(("/", "\\")):
            return "", _bare(f"{first}:{second}"), ""
        return _bare(first), _bare(second), ""
    return _bare(parts[0]), _bare(":".join(parts[1:-1])), _bare(parts[-1])


def _split(text: str, separator: str) -> list[str]:
    return re.split(rf"(?<!\\){separator}", text)


def _bare(text: str) -> str:
    return re.sub(r"\\([\\:;{}_&%#])", r"\1", text).strip()


def _local(path: str) -> str:
    if path.startswith(_ENDNOTE):
        return "PDF/" + unquote(path.removeprefix(_ENDNOTE))
    if found := _FILE_URL.match(path):
        local = unquote(path[found.end() :])
        return local[1:] if re.match(r"/[A-Za-z]:", local) else local
    return path


def _places(path: str, folder: str) -> list[str]:
    """A path on another machine is looked for by its ends, longest first: what was moved here was moved as a whole."""
    if not _ABSOLUTE.match(path):
        return [place for base in dict.fromkeys((path, f"{folder}/{path}")) for place in spellings(base)]
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", "~", ".")]
    if ".." in parts:
        return []
    ends = ("/".join(parts[start:]) for start in range(max(0, len(parts) - _MOST_PLACES), len(parts)))
    return [place for end in ends if (place := canonical(end))]


def _media_type(kind: str) -> str | None:
    if "/" in kind:
        return kind.strip().lower()
    return mimetypes.guess_type(f"file.{kind.strip().lower()}")[0] if kind.strip() else None
