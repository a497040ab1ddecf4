"""Excel workbooks (ECMA-376, SpreadsheetML): each sheet a table under its name; dates are numbers, as stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from longshore.parsing.packed.package import Package
from longshore.parsing.reading import Reading, Section, clean
from longshore.parsing.text import read_plain

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BETWEEN = "\n\n"
_STRINGS = "xl/sharedStrings.xml"


def read_sheets(package: Package) -> Reading:
    """
    Raises:
        ParseFailure: as `Package.read` does.
    """
    workbook = "xl/workbook.xml"
    targets = package.targets(workbook)
    strings: list[str] = []
    if _STRINGS in package.names:
        strings = [_text(entry) for entry in package.xml(_STRINGS).iter(f"{_S}si")]
    tables: list[str] = []
    sections: list[Section] = []
    position = 0
    for sheet in package.xml(workbook).iter(f"{_S}sheet"):
        part = targets.get(sheet.get(_ID, ""), "")
        if part.startswith("xl/worksheets/"):
            name, rows = clean(sheet.get("name", "")), [clean(row) for row in _rows(package.xml(part), strings)]
            tables.append("\n".join((name, "", *rows)))
            if name:
                sections.append(Section(position, position + len(tables[-1]), name))
            position += len(tables[-1]) + len(_BETWEEN)
    return replace(read_plain(_BETWEEN.join(tables)), title=package.core_title() or None, sections=tuple(sections))


def _rows(sheet: etree._Element, strings: list[str]) -> Iterator[str]:
    for row in sheet.iter(f"{_S}row"):
        cells = [_value(cell, strings) for cell in row.iter(f"{_S}c")]
        if any(cells):
            yield " | ".join(cells)


def _value(cell: etree._Element, strings: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return _text(cell)
    value = cell.findtext(f"{_S}v") or ""
    if kind == "s":
        return strings[int(value)] if value.isdecimal() and int(value) < len(strings) else ""
    return value


def _text(node: etree._Element) -> str:
    return " ".join("".join(text.text or "" for text in node.iter(f"{_S}t")).split())
