"""What a file is, by its content first; its name and declared type are asked only where content is silent."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from longshore.parsing.code.names import language_of_head, language_of_name
from longshore.parsing.further import parser_label

Kind = Literal[
    "pdf",
    "html",
    "text",
    "packed",
    "markdown",
    "notebook",
    "subtitles",
    "mail",
    "rtf",
    "latex",
    "code",
    "table",
    "json",
    "json-lines",
    "further",
]
"""`further` is what a parser of another package reads (longshore/parsing/further.py)."""

HEAD_BYTES = 8192

# The PDF header may stand anywhere in the first 1,024 bytes (ISO 32000-1, implementation note 13).
_PDF_WINDOW = 1024
_ZIP = b"PK\x03\x04"  # and with it docx, pptx, xlsx, epub, cbz
_OTHER_MAGIC = (
    b"\x1f\x8b",  # gzip
    b"BZh",
    b"7z\xbc\xaf",
    b"\xfd7zXZ",
    b"Rar!",
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"II*\x00",  # TIFF
    b"MM\x00*",
    b"AT&TFORM",  # DjVu
    b"%!PS",
    b"\xd0\xcf\x11\xe0",  # doc, xls, ppt
    b"\x7fELF",
)
_UNICODE_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_DOCTYPE = re.compile(rb"\s*<!doctype\s+html", re.IGNORECASE)
_HTML = re.compile(rb"<(html|head|body)[\s>]", re.IGNORECASE)
_PROLOG = re.compile(rb"\s*((<\?xml.*?\?>|<!--.*?-->|<!doctype[^>]*>)\s*)*", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

_PDF_TYPES = frozenset({"application/pdf", "application/x-pdf"})
_BY_SUFFIX: dict[str, Kind] = {
    "htm": "html",
    "html": "html",
    "xhtml": "html",
    "md": "markdown",
    "markdown": "markdown",
    "ipynb": "notebook",
    "srt": "subtitles",
    "vtt": "subtitles",
    "eml": "mail",
    "tex": "latex",
    "latex": "latex",
    "csv": "table",
    "tsv": "table",
    "json": "json",
    "jsonl": "json-lines",
    "ndjson": "json-lines",
}
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


def sniff(head: bytes, media_type: str | None, name: str) -> Kind | None:
    """The kind of a file that begins with `head`, or None if nobody here reads it."""
    if parser_label(name):
        return "further"
    readable = head.startswith(_UNICODE_MARKS) or not _CONTROL.search(head)
    if readable and _is_html(head):
        return "html"
    promised = _promised_kind(media_type, name)
    # Text that speaks of PDFs, as the code of their readers does, is none.
    marked = head.lstrip().startswith(b"%PDF-") if readable and promised != "pdf" else b"%PDF-" in head[:_PDF_WINDOW]
    if marked:
        return "pdf"
    if head.startswith(_ZIP):
        return "packed"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(_OTHER_MAGIC):
        return None
    if promised == "pdf":
        # Without its magic it is a broken PDF, which is a failure, and not a file that nobody promised to read.
        return "pdf"
    if not readable:
        return None
    if promised is None and not _suffix(name) and language_of_head(head):
        return "code"
    return promised or "text"


def promised(media_type: str | None, name: str) -> str:
    """All that a file's name and declared type have to do with how it is read.

    Where this and the bytes are the same, so is what is read.
    """
    if further := parser_label(name):
        return further
    kind = _promised_kind(media_type, name)
    suffix = _suffix(name)
    return language_of_name(name) or kind or (suffix if suffix in ("", ".cbz") else "other")


def _promised_kind(media_type: str | None, name: str) -> Kind | None:
    declared = (media_type or "").partition(";")[0].strip().lower()
    suffix = _suffix(name)
    if declared in _PDF_TYPES or suffix == ".pdf":
        return "pdf"
    if declared in _HTML_TYPES:
        return "html"
    return _BY_SUFFIX.get(suffix.removeprefix(".")) or ("code" if language_of_name(name) else None)


def _suffix(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def _is_html(head: bytes) -> bool:
    for mark in _UNICODE_MARKS:
        head = head.removeprefix(mark)
    head = head.replace(b"\x00", b"")  # UTF-16 of ASCII
    prolog = _PROLOG.match(head)
    return _HTML.match(head, prolog.end() if prolog else 0) is not None or _DOCTYPE.match(head) is not None
