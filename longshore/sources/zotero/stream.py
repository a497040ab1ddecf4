"""The nodes of an RDF file, one at a time, with everything dangerous about XML refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from lxml import etree

from longshore.errors import InvalidSource
from longshore.sources.zotero import names

_CHUNK = 1 << 16
_HINT = "In Zotero choose File, Export Library, format Zotero RDF, and import what that writes."


def nodes(rdf: Path) -> Iterator[etree._Element]:
    """Every node directly under `rdf:RDF`; it is emptied as soon as the next one is asked for.

    Raises:
        InvalidSource: `unreadable_file`, `doctype`, `not_rdf`, `malformed_rdf`.
    """
    _check_beginning(rdf)
    # Waiting for no event but the root's start, and taking its children off between chunks, keeps the walk in C.
    parser = etree.XMLPullParser(
        events=("start",),
        tag=names.RDF,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root: etree._Element | None = None
    try:
        with rdf.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.feed(chunk)
                if root is None:
                    root = _root(parser)
                if root is not None:
                    yield from _completed(root)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise InvalidSource(
            "malformed_rdf",
            f"{rdf.name} is damaged or cut off: {_first_fault(rdf) or error.msg}.",
            "Export the library again; if it was copied, check that the copy is complete.",
        ) from error
    if root is not None:
        yield from root


def _root(parser: etree.XMLPullParser) -> etree._Element | None:
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            return element
    return None


def _completed(root: etree._Element) -> Iterator[etree._Element]:
    """Takes off all children but the last, which the parser may still be filling."""
    while len(root) and root[0].getnext() is not None:
        yield root[0]
        del root[0]


def _first_fault(rdf: Path) -> str | None:
    """What is wrong and on which line, by expat: fed in chunks, libxml2 forgets the first fault for a later one."""
    try:
        with rdf.open("rb") as file:
            expat.ParserCreate().ParseFile(file)
    except expat.ExpatError as error:
        return str(error)
    return None


def _check_beginning(rdf: Path) -> None:
    """Reads as far as the root element. Expat reports a DOCTYPE before it looks at any entity in it."""
    parser = expat.ParserCreate(namespace_separator=" ")
    roots: list[str] = []

    def refuse(*_: object) -> None:
        raise InvalidSource(
            "doctype",
            f"{rdf.name} declares a DOCTYPE, which can make a reader fetch or expand what it should not.",
            f"Zotero never writes one. {_HINT}",
        )

    def first(name: str, _: object) -> None:
        roots.append(name)
        parser.StartElementHandler = None

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = first
    try:
        with rdf.open("rb") as file:
            while not roots and (chunk := file.read(4096)):
                parser.Parse(chunk)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise InvalidSource("unreadable_file", f"{rdf} cannot be read: {reason}.", "Check its permissions.") from error
    except expat.ExpatError:
        # What comes after the root's start is for the real parser to judge.
        pass
    namespace, _, name = names.RDF[1:].partition("}")
    if roots[:1] != [f"{namespace} {name}"]:
        raise InvalidSource("not_rdf", f"{rdf.name} is not an RDF file: it does not begin with rdf:RDF.", _HINT)
