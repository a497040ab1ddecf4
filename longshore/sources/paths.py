"""Paths of a source in one spelling: relative, with slashes, in Unicode's composed form."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

_SCHEME_OR_DRIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def canonical(path: str) -> str | None:
    """The one spelling of a path, or None if it leads outside its source (absolute, drive, URL, `..`) or nowhere."""
    text = unicodedata.normalize("NFC", path).replace("\\", "/")
    if text.startswith("/") or _SCHEME_OR_DRIVE.match(text) or "\0" in text:
        return None
    parts = [part for part in text.split("/") if part not in ("", ".")]
    return None if not parts or ".." in parts else "/".join(parts)


def spellings(path: str) -> list[str]:
    """What a path in an export may mean, likeliest first: as written, then with percent escapes decoded."""
    found = (canonical(path), canonical(unquote(path)))
    return list(dict.fromkeys(spelling for spelling in found if spelling))
