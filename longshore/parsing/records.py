"""Records: CSV, JSON and JSON Lines. Each is kept together in the text, and its values stand beside their names."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

from longshore.parsing.reading import Reading, Section
from longshore.parsing.text import read_plain, read_text

MAX_TREE_BYTES = 4 << 20
"""JSON is held in memory as a tree of some ten times its size; longer files are read as plain text."""
_DELIMITERS = ",;\t|"
_MAX_COLUMNS = 200
"""Characters of a table's column names that its passages are headed by."""


def read_table(data: bytes, name: str) -> Reading:
    """A row a line, cells separated by ` | `; the first row heads all passages, for they say little without it.

    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes.
    """
    plain = read_text(data, name)
    (text,) = plain.pages
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    try:
        rows = [_row(cells) for cells in csv.reader(StringIO(text), delimiter=delimiter) if any(cells)]
    except csv.Error:
        return plain
    if len(rows) < 2:
        return plain
    table = "\n".join(rows)
    return replace(read_plain(table), sections=(Section(len(rows[0]), len(table), rows[0][:_MAX_COLUMNS]),))


def _row(cells: list[str]) -> str:
    return " | ".join(" ".join(cell.split()) for cell in cells)


def read_json(data: bytes, name: str) -> Reading:
    """Values behind their names, a line each; the entries of the outermost list or object are paragraphs.

    What is not JSON after all, or too long to be held as a tree, is read as plain text.

    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes.
    """
    plain = read_text(data, name)
    if len(data) > MAX_TREE_BYTES:
        return plain
    try:
        value = _value(plain.pages[0])
        entries = value if isinstance(value, list) else [{key: entry} for key, entry in value.items()]
        return read_plain(_paragraphs(entries))
    except (ValueError, AttributeError, RecursionError):
        return plain


def read_json_lines(data: bytes, name: str) -> Reading:
    """As `read_json`, a record each line; lines that are none stay as they are.

    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes.
    """
    plain = read_text(data, name)
    records: list[Any] = []
    for line in plain.pages[0].split("\n"):
        try:
            records.append(_value(line))
        except (ValueError, RecursionError):
            records.append(line)
    return read_plain(_paragraphs(records))


def _value(text: str) -> Any:
    """With numbers as they are written."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


def _paragraphs(entries: Iterable[Any]) -> str:
    """Entries of several lines stand apart, so that passages rather end with them than within them."""
    records = ("\n".join(_lines(entry)) for entry in entries)
    return "".join(f"\n{record}\n\n" if "\n" in record else f"{record}\n" for record in records).strip()


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if _is_short(inner):
                yield f"{key}: {_short(inner)}"
            else:
                yield f"{key}:"
                yield from (f"  {line}" for line in _lines(inner))
    elif isinstance(value, list) and not _is_short(value):
        for inner in value:
            for number, line in enumerate(_lines(inner)):
                yield f"{'  ' if number else '- '}{line}"
    else:
        yield _short(value)


def _is_short(value: Any) -> bool:
    """Whether a value goes on the line of its name: it holds no records."""
    inner = value if isinstance(value, list) else [value]
    return not any(isinstance(entry, (dict, list)) for entry in inner)


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return value if isinstance(value, str) else json.dumps(value)
