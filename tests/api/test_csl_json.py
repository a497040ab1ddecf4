"""How a document is cited: its type, numbers, places and dates as styles of citation look for them."""

from __future__ import annotations

from typing import Any

import pytest

from longshore.graph.exporting.csl import TYPES, csl_item, date_of
from longshore.graph.keys import document_id
from tests.api.scripted import Json


def described(kind: str, **metadata: Any) -> Json:
    row = {"id": document_id("x"), "kind": kind, "title": "T", "year": None, "doi": None, "metadata": metadata}
    return csl_item(row)


@pytest.mark.parametrize(("kind", "expected"), [*TYPES.items(), ("somethingNew", "document"), ("", "document")])
def test_every_type_of_zotero_has_its_own(kind: str, expected: str) -> None:
    assert described(kind)["type"] == expected


def test_numbers_and_places_go_where_styles_look_for_them() -> None:
    assert described("report", issue="TR-7")["number"] == "TR-7"
    assert described("journalArticle", issue="7")["issue"] == "7"
    assert described("preprint", arxiv="2001.00001")["number"] == "arXiv:2001.00001"
    assert described("presentation", venue="Port Days")["event-title"] == "Port Days"
    assert described("bookSection", venue="A Book")["container-title"] == "A Book"


@pytest.mark.parametrize(
    ("date", "year", "issued"),
    [
        ("2006/08/01", 2006, [2006, 8, 1]),
        ("2006-08-01 10:00:00", 2006, [2006, 8, 1]),
        ("2006-08", 2006, [2006, 8]),
        ("2006-13", 2006, [2006]),
        ("2006-02-77", 2006, [2006, 2]),
        ("Nov 21, 1991", 1991, [1991, 11, 21]),
        ("21 November 1991", 1991, [1991, 11, 21]),
        ("May 2003", 2003, [2003, 5]),
        ("c. 1850", 1850, [1850]),
        ("", 1999, [1999]),
    ],
)
def test_dates_are_as_precise_as_they_are_written(date: str, year: int, issued: list[int]) -> None:
    assert date_of(date, year) == {"date-parts": [issued]}


def test_a_date_without_a_year_is_kept_as_it_is() -> None:
    assert date_of("in press", None) == {"literal": "in press"}
    assert date_of("", None) is None
