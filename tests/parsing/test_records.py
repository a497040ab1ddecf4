"""CSV, JSON and JSON Lines."""

from __future__ import annotations

import json

import pytest

from longshore.parsing import records
from longshore.parsing.chunking import LATIN_BUDGET, cut
from longshore.parsing.reading import Reading
from longshore.parsing.records import read_json, read_json_lines, read_table
from longshore.parsing.sniffing import sniff


def text(reading: Reading) -> str:
    (page,) = reading.pages
    return page


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.CSV", "table"), ("a.tsv", "table"), ("a.json", "json"), ("a.jsonl", "json-lines"), ("a.ndjson", "json-lines")],
)
def test_records_are_known_by_their_name(name: str, kind: str) -> None:
    assert sniff(b"a,b", None, name) == kind


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_keeps_rows_and_cells(delimiter: str) -> None:
    rows = [["name", "level"], ["high\ntide", f"4{delimiter}2"], [], ["low", ""]]
    written = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert (
        text(read_table(written.encode(), "x"))
        == f"name | level\nhigh tide | 4{delimiter.replace(chr(9), ' ')}2\nlow | "
    )


def test_a_table_is_read_in_its_encoding() -> None:
    assert text(read_table("이름,높이\n만조,4\n".encode("cp949"), "x")) == "이름 | 높이\n만조 | 4"


def test_passages_of_a_table_hold_whole_rows_under_its_columns() -> None:
    table = "name,level\n" + "".join(f"tide number {number},{number}\n" for number in range(200))
    chunks = cut(read_table(table.encode(), "x")).chunks
    rows = [row for chunk in chunks for row in chunk.text.split("\n")]
    assert rows == ["name | level", *(f"tide number {number} | {number}" for number in range(200))]
    assert {chunk.heading for chunk in chunks[1:]} == {"name | level"}
    assert max(len(chunk.text) for chunk in chunks) <= LATIN_BUDGET


@pytest.mark.parametrize("data", [b"only one line", b'a,b\n"' + b"x" * 200_000 + b'",c\n', b",\n,\n"])
def test_what_is_no_table_is_text(data: bytes) -> None:
    assert text(read_table(data, "x")) == data.decode()


RECORDS = [
    {"name": "만조", "level": 4.20, "tags": ["high", True, None], "place": {"quay": "west", "berths": [{"id": 1}]}},
    {"name": "ebb"},
]
READ = """name: 만조
level: 4.2
tags: high, true, null
place:
  quay: west
  berths:
    - id: 1

name: ebb"""


def test_json_shows_values_behind_their_names() -> None:
    escaped = json.dumps(RECORDS)
    assert "\\u" in escaped
    assert text(read_json(escaped.encode(), "x")) == READ
    assert text(read_json_lines("\n".join(map(json.dumps, RECORDS)).encode(), "x")) == READ


def test_json_keeps_numbers_as_they_are_written() -> None:
    assert text(read_json(b'{"a": 1.10, "b": 12345678901234567890123, "c": 1e5}', "x")) == (
        "a: 1.10\nb: 12345678901234567890123\nc: 1e5"
    )


def test_passages_of_json_end_with_its_records() -> None:
    """Where a record fits a passage, none is cut."""
    many = [{"number": number, "words": f"record number {number} of many"} for number in range(300)]
    for reading in (
        read_json(json.dumps(many).encode(), "x"),
        read_json_lines("\n".join(map(json.dumps, many)).encode(), "x"),
    ):
        chunks = cut(reading).chunks
        assert len(chunks) > 10
        assert all(chunk.text.startswith("number: ") and chunk.text.endswith("of many") for chunk in chunks)


@pytest.mark.parametrize("data", [b'{"a": ', b'"words"', b"12", b"null", b"[" * 100_000, b'{"a": 1} trailing'])
def test_what_is_no_json_is_text(data: bytes) -> None:
    assert text(read_json(data, "x")) == data.decode()


def test_long_json_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_TREE_BYTES", 4)
    assert text(read_json(b'{"a": 1}', "x")) == '{"a": 1}'


def test_a_broken_line_among_json_lines_stays_as_it_is() -> None:
    assert text(read_json_lines(b'{"a": 1}\n{"a":\n\n{"b": 2}\n', "x")) == 'a: 1\n{"a":\n\nb: 2'
