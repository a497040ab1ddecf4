"""Word documents (ECMA-376, WordprocessingML)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape

from lxml import etree

from longshore.parsing.html import read_markup
from longshore.parsing.packed.package import Package
from longshore.parsing.reading import Reading

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading ?([1-6])$", re.IGNORECASE)


def read_letter(package: Package) -> Reading:
    """Paragraphs, headings by their styles, and tables; what was deleted while changes are tracked is left out.

    Raises:
        ParseFailure: as `Package.read` does.
    """
    body = package.xml("word/document.xml").find(f"{_W}body")
    blocks = list(_blocks(body)) if body is not None else []
    reading = read_markup("".join(blocks))
    return replace(reading, title=package.core_title() or reading.title)


def _blocks(parent: etree._Element) -> Iterator[str]:
    for node in parent:
        if node.tag == f"{_W}p":
            yield _paragraph(node)
        elif node.tag == f"{_W}tbl":
            rows = ("".join(f"<td>{_cell(cell)}</td>" for cell in row.iter(f"{_W}tc")) for row in node.iter(f"{_W}tr"))
            yield f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
        elif node.tag == f"{_W}sdt":
            content = node.find(f"{_W}sdtContent")
            if content is not None:
                yield from _blocks(content)


def _cell(cell: etree._Element) -> str:
    return " ".join(escape(_text(paragraph)) for paragraph in cell.iter(f"{_W}p"))


def _paragraph(node: etree._Element) -> str:
    style = node.find(f"{_W}pPr/{_W}pStyle")
    named = style.get(f"{_W}val", "") if style is not None else ""
    heading = _HEADING.match(named)
    tag = "h1" if named.lower() == "title" else f"h{heading[1]}" if heading else "p"
    return f"<{tag}>{escape(_text(node))}</{tag}>"


def _text(node: etree._Element) -> str:
    pieces = node.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr")
    return "".join((piece.text or "") if piece.tag == f"{_W}t" else " " for piece in pieces)
