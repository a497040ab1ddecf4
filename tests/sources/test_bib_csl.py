"""What CSL-JSON files really hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from longshore.graph.exporting.csl import TYPES, csl_item
from longshore.sources.model import Item

Read = Callable[..., list[Item]]

ARTICLE = {
    "id": "example2020",
    "type": "article-journal",
    "title": "An <i>Example</i>",
    "author": [
        {"family": "Author", "given": "First", "suffix": "Jr."},
        {"family": "Example", "given": "Jan", "non-dropping-particle": "van der"},
        {"literal": "World Example Organization"},
        {},
        "nobody",
    ],
    "editor": [{"family": "Editor"}],
    "issued": {"date-parts": [[2020, "3", 5]]},
    "container-title": "Journal of Examples",
    "volume": 7,
    "issue": "2",
    "page": "11–19",
    "DOI": "https://doi.org/10.5555/ABC",
    "ISSN": ["1234-567X"],
    "URL": "https://example.org/a",
    "abstract": "<jats:title>Abstract</jats:title><jats:p>One.</jats:p><jats:p>Two.</jats:p>",
    "keyword": "cranes, tidal engines",
    "note": "arXiv:1706.03762",
    "annote": "Read < twice",
    "publisher": "Press",
    "language": "en",
}


def test_an_article(read_csl: Read) -> None:
    [item] = read_csl(json.dumps([ARTICLE]))
    assert (item.key, item.item_type, item.title) == ("example2020", "journalArticle", "An Example")
    assert [(c.role, c.family, c.given) for c in item.creators] == [
        ("author", "Author", "First, Jr."),
        ("author", "van der Example", "Jan"),
        ("author", "World Example Organization", ""),
        ("editor", "Editor", ""),
    ]
    assert (item.date, item.year, item.volume, item.issue, item.pages) == ("2020-03-05", 2020, "7", "2", "11-19")
    assert (item.doi, item.url, item.issn) == ("10.5555/abc", "https://example.org/a", "1234-567X")
    assert (item.arxiv, item.venue, item.publisher) == ("1706.03762", "Journal of Examples", "Press")
    assert item.abstract == "Abstract\n\nOne.\n\nTwo."
    assert (item.extra, item.notes) == ("arXiv:1706.03762", ("<p>Read &lt; twice</p>",))
    assert [tag.name for tag in item.tags] == ["cranes", "tidal engines"]


@pytest.mark.parametrize(
    ("issued", "date", "year"),
    [
        ({"date-parts": [["1999"]]}, "1999", 1999),
        ({"raw": "May 2003"}, "May 2003", 2003),
        ({"literal": "c. 1850"}, "c. 1850", 1850),
        ({"date-parts": [[None]]}, "", None),
        ({"date-parts": []}, "", None),
        ("2001-02", "2001-02", 2001),
        (None, "", None),
    ],
)
def test_dates(read_csl: Read, issued: Any, date: str, year: int | None) -> None:
    [item] = read_csl(json.dumps([{"id": "a", "type": "book", "title": "T", "issued": issued}]))
    assert (item.date, item.year) == (date, year)


def test_longshores_own_export_comes_back(read_csl: Read) -> None:
    metadata = {
        "creators": [
            {"role": "author", "family": "Author", "given": "One"},
            {"role": "author", "family": "A Body", "given": ""},
        ],
        "date": "2020-03",
        "venue": "Journal",
        "volume": "7",
        "issue": "2",
        "url": "https://example.org/a",
        "abstract": "Text",
    }
    document = {"id": "d1", "kind": "journalArticle", "title": "T", "year": 2020, "doi": "10.5555/a"}
    exported = csl_item(document | {"metadata": metadata})
    [item] = read_csl(json.dumps([exported]))
    assert (item.key, item.item_type, item.title, item.year, item.doi) == (
        "d1",
        "journalArticle",
        "T",
        2020,
        "10.5555/a",
    )
    assert [creator.model_dump() for creator in item.creators] == metadata["creators"]
    assert {name: getattr(item, name) for name in metadata if name != "creators"} == {
        name: value for name, value in metadata.items() if name != "creators"
    }


@pytest.mark.parametrize(
    "item_type", sorted({"journalArticle", "book", "bookSection", "conferencePaper", "thesis", "report", "preprint"})
)
def test_types_go_out_and_come_back(read_csl: Read, item_type: str) -> None:
    [item] = read_csl(json.dumps([{"id": "a", "type": TYPES[item_type], "title": "T"}]))
    assert item.item_type == item_type


def test_items_may_be_wrapped(read_csl: Read) -> None:
    assert [item.key for item in read_csl(json.dumps({"items": [ARTICLE], "more": 1}))] == ["example2020"]


def test_positions_are_no_ids(read_csl: Read) -> None:
    first = read_csl('[{"id": "ITEM-1", "type": "book", "title": "A"}, {"id": 2, "type": "book", "title": "B"}]')
    second = read_csl('[{"id": 1, "type": "book", "title": "B"}, {"id": "ITEM-2", "type": "book", "title": "A"}]')
    assert [item.key for item in first] == [item.key for item in second][::-1]


BEFORE, AFTER = '{"id": "before", "type": "book", "title": "B"}', '{"type": "book", "id": "after", "title": "A"}'


@pytest.mark.parametrize(
    "broken",
    [
        '{"id": "bad", "title": "T",}',
        '{"id": "bad", "title": "T"',
        '{"id": "bad", "author": [{"family": "A"}, {"family": "B"}, "title": "T"}',
        '{"id": "bad", "title": T}',
        '{"id": "bad", "title": "Tab\there"}',
        '{"id": "bad", "type": "book"}',
        '{"id": "bad", "title": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_a_broken_record_says_so_and_spoils_no_other(read_csl: Read, broken: str) -> None:
    items = read_csl(f"[\n{BEFORE},\n{broken},\n{AFTER}\n]")
    assert [item.key for item in items if not item.refusal] == ["before", "after"]
    [bad] = [item for item in items if item.refusal]
    assert bad.key == "bad"
    assert bad.refusal is not None
    assert (bad.refusal.state, bad.refusal.code) == ("failed", "broken_record")
    assert "line 3 " in bad.refusal.detail


def test_members_that_are_no_objects_are_broken(read_csl: Read) -> None:
    items = read_csl(f'[{BEFORE}, 17, null, "text", [], {AFTER}]')
    assert [item.refusal is None for item in items] == [True, False, False, False, False, True]


def test_a_file_that_was_cut_off_keeps_what_is_whole(read_csl: Read) -> None:
    items = read_csl(f'[{BEFORE}, {{"id": "bad", "title": "Trunc')
    assert [(item.key, item.refusal is None) for item in items] == [("before", True), ("bad", False)]


def test_a_string_that_never_ends_costs_its_own_record_only(read_csl: Read) -> None:
    filler = ", ".join(f'{{"id": "n{number}", "type": "book", "title": "{"x" * 2000}"}}' for number in range(200))
    items = read_csl(f'[{BEFORE}, {{"id": "bad", "title": "T}}, {filler}]')
    assert len([item for item in items if not item.refusal]) == 201


def test_what_no_database_keeps_is_left_out(read_csl: Read) -> None:
    [item] = read_csl('[{"id": "a\\u0000", "type": "book", "title": "T\\u0000 \\ud800x", "volume": true}]')
    assert (item.key, item.title, item.volume) == ("a", "T x", None)
