"""Books (EPUB 2 and 3): the chapters in the order of the spine."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import unquote

from longshore.parsing.html import read_html
from longshore.parsing.model import ParseFailure
from longshore.parsing.packed.package import Package
from longshore.parsing.reading import Reading, Section
from longshore.parsing.text import read_plain

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}rootfile"
_OPF = "{http://www.idpf.org/2007/opf}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_RIGHTS = "META-INF/encryption.xml"
_BETWEEN = "\n\n"
_CHAPTERS = frozenset({"application/xhtml+xml", "text/html"})


def read_book(package: Package) -> Reading:
    """
    Raises:
        ParseFailure: as `Package.read` does; `encrypted` for a book under copy protection.
    """
    rootfile = next(package.xml("META-INF/container.xml").iter(_CONTAINER), None)
    if rootfile is None:
        raise ParseFailure("corrupt", f"{package.name} names no book in its container.", "Download it again.")
    opf = rootfile.get("full-path", "")
    root, folder = package.xml(opf), posixpath.dirname(opf)
    chapters = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in root.iter(f"{_OPF}item")
        if item.get("media-type") in _CHAPTERS
    }
    order = [part for itemref in root.iter(f"{_OPF}itemref") if (part := chapters.get(itemref.get("idref")))]
    if _RIGHTS in package.names and any(part.encode() in package.read(_RIGHTS) for part in order):
        raise ParseFailure("encrypted", f"{package.name} is under copy protection.", "Import a copy without it.")
    chapters_read = (read_html(package.read(part)) for part in order if part in package.names)
    text, sections = _joined(chapters_read)
    title = next((found.text.strip() for found in root.iter(_TITLE) if found.text and found.text.strip()), None)
    return replace(read_plain(text), title=title, sections=tuple(sections))


def _joined(chapters: Iterable[Reading]) -> tuple[str, list[Section]]:
    texts: list[str] = []
    sections: list[Section] = []
    position = 0
    for chapter in chapters:
        (text,) = chapter.pages
        if text:
            sections += [
                replace(found, start=found.start + position, end=found.end + position) for found in chapter.sections
            ]
            texts.append(text)
            position += len(text) + len(_BETWEEN)
    return _BETWEEN.join(texts), sections
