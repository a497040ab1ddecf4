"""One file becomes one `Parsed`: what it is decides who reads it, and every reader's text is finished the same way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from longshore.parsing.chunking import LATIN_BUDGET, cut
from longshore.parsing.code.reader import read_code
from longshore.parsing.further import read_further
from longshore.parsing.html import read_html
from longshore.parsing.latex import read_latex
from longshore.parsing.mail import read_mail
from longshore.parsing.markdown import read_markdown
from longshore.parsing.model import Parsed, ParseFailure
from longshore.parsing.notebook import read_notebook
from longshore.parsing.packed import read_packed
from longshore.parsing.pdf import read_pdf
from longshore.parsing.reading import Reading
from longshore.parsing.records import read_json, read_json_lines, read_table
from longshore.parsing.rtf import read_rtf
from longshore.parsing.sniffing import HEAD_BYTES, Kind, sniff
from longshore.parsing.subtitles import read_subtitles
from longshore.parsing.text import read_text

MAX_TEXT_BYTES = 32 << 20
"""Texts are held in memory whole. PDFs and packed documents are not, so their size on disk says nothing."""

_TEXTS: dict[Kind, Callable[[bytes, str], Reading]] = {
    "html": lambda data, _: read_html(data),
    "text": read_text,
    "markdown": read_markdown,
    "notebook": read_notebook,
    "subtitles": read_subtitles,
    "mail": read_mail,
    "rtf": read_rtf,
    "latex": read_latex,
    "code": read_code,
    "table": read_table,
    "json": read_json,
    "json-lines": read_json_lines,
}


def parse_file(path: Path, media_type: str | None, name: str, latin: int = LATIN_BUDGET) -> Parsed:
    """Read a file of any supported kind.

    Args:
        latin: The most characters of a passage in Latin letters.

    Raises:
        ParseFailure: see there for the codes.
        OSError: if the file itself cannot be read.
    """
    size = path.stat().st_size
    if size == 0:
        raise ParseFailure("empty", f"{name} has no bytes.", "Export or download the file again.")
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES), media_type, name)
    if kind is None:
        raise ParseFailure(
            "unsupported", f"{name} is of no kind that is read here.", "Attach a PDF of it to have its text imported."
        )
    parsed = cut(_read(path, kind, size, name), latin)
    if not parsed.chunks:
        raise ParseFailure("empty", f"{name} holds no text.", "Nothing of it can be searched; check the file.")
    return parsed


def _read(path: Path, kind: Kind, size: int, name: str) -> Reading:
    if kind == "pdf":
        return read_pdf(path, name)
    if kind == "packed":
        return read_packed(path, name)
    if kind == "further":
        return read_further(path, name)
    if size > MAX_TEXT_BYTES:
        raise ParseFailure(
            "too_large",
            f"{name} has {size >> 20} MB; texts are read up to {MAX_TEXT_BYTES >> 20} MB.",
            "Split the file.",
        )
    return _TEXTS[kind](path.read_bytes(), name)
