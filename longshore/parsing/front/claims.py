"""What a PDF's metadata claims: its information dictionary and its XMP packet (ISO 16684-1).

Programs fill these in as they please. Of what they claim, only identifiers under their own names are taken as they are;
titles and names count where the front page shows them too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path

from lxml import etree

from longshore.parsing.reading import clean
from longshore.parsing.references import DOI

_WINDOW = 2 << 20
"""Bytes at either end of a file that are searched, however large it is."""
_MAX_PACKET = 256 << 10
_MAX_VALUE = 2000
_OPENING, _CLOSING = b"<x:xmpmeta", b"</x:xmpmeta>"
_SELF = "application/pdf"

_DOI_KEYS = ("doi", "DOI", "WPS-ARTICLEDOI")
"""Names under which publishers put the DOI into the information dictionary."""
_DOI_TAGS = ("doi", "DOI", "identifier")
"""In the namespaces of PRISM, pdfx and Crossmark, and in Dublin Core."""
_DATE_TAGS = ("publicationDate", "coverDate", "copyrightYear")


@dataclass(frozen=True)
class Claims:
    """Values as they are written; empty where nothing is claimed."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    """Each a name or a list of names."""
    doi: str = ""
    arxiv: str = ""
    subject: str = ""
    date: str = ""
    """Of publication. When the file was made is no claim about the work."""


def read_claims(path: Path, information: Callable[[str], str]) -> Claims:
    """
    Args:
        information: Gives a value of the information dictionary by its key, empty if there is none.
    """
    told = {key: _value(information(key)) for key in ("Title", "Author", "Subject", "arXivID", *_DOI_KEYS)}
    packet = _packet(path)
    return Claims(
        titles=tuple(filter(None, (told["Title"], *packet.get("title", ())))),
        authors=tuple(filter(None, (*packet.get("creator", ()), told["Author"]))),
        doi=next(filter(DOI.search, (*(told[key] for key in _DOI_KEYS), *_first(packet, _DOI_TAGS))), ""),
        arxiv=told["arXivID"],
        subject=told["Subject"],
        date=next(_first(packet, _DATE_TAGS), ""),
    )


def _value(text: str) -> str:
    return " ".join(clean(text[:_MAX_VALUE]).split())


def _first(packet: dict[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    return (value for name in names for value in packet.get(name, ()))


def _packet(path: Path) -> dict[str, list[str]]:
    """Values of the file's own packet by their local names. Pictures within a file bring packets of their own, so only
    one that says it speaks of a PDF counts, and of several the last, for saving again appends."""
    found: dict[str, list[str]] = {}
    for packet in _packets(path):
        values = _values(packet)
        if _SELF in values.get("format", ()) or "Producer" in values:
            found = values
    return found


def _packets(path: Path) -> Iterator[bytes]:
    """Packets stand in a file uncompressed, so that programs that know no PDF find them too: near the end where the
    file was saved by appending, near the start where it was made for the web."""
    with path.open("rb") as file:
        window = file.read(_WINDOW)
        file.seek(max(len(window), file.seek(0, SEEK_END) - _WINDOW))
        window += file.read(_WINDOW)
    end = 0
    while (start := window.find(_OPENING, end)) >= 0:
        end = window.find(_CLOSING, start)
        if end < 0:
            return
        end += len(_CLOSING)
        if end - start <= _MAX_PACKET:
            yield window[start:end]


def _values(packet: bytes) -> dict[str, list[str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
    try:
        root = etree.fromstring(packet, parser)
    except etree.XMLSyntaxError:
        return {}
    found: dict[str, list[str]] = {}
    for node in root.iter(etree.Element):
        for name, value in node.attrib.items():
            if text := _value(str(value)):
                found.setdefault(_local(str(name)), []).append(text)
        # A list's entries count for the property that holds it: dc:creator/rdf:Seq/rdf:li.
        holder = node.getparent()
        if _local(node.tag) == "li" and holder is not None:
            holder = holder.getparent()
        named = holder if _local(node.tag) == "li" else node
        if named is not None and (text := _value(node.text or "")):
            found.setdefault(_local(named.tag), []).append(text)
    return found


def _local(name: object) -> str:
    return re.sub(r"\{.*\}", "", str(name))
