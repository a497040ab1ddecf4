"""What RIS files really hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.sources.identity import document_identity
from longshore.sources.model import Item

Read = Callable[..., list[Item]]


def reference(*lines: str, kind: str = "JOUR") -> str:
    return "\r\n".join((f"TY  - {kind}", *lines, "ER  - ", "", ""))


def test_an_article(read_ris: Read) -> None:
    [item] = read_ris(
        reference(
            "ID  - example2020",
            "AU  - Author, First, Jr.",
            "AU  - World Example Organization",
            "A2  - Editor, An",
            "TI  - An Example: of",
            "a title that goes on",
            "T2  - Journal of Examples",
            "J2  - J. Ex.",
            "PY  - 2020/03/15/",
            "VL  - 7",
            "IS  - 2",
            "SP  - 11",
            "EP  - 19",
            "SN  - 1234-567X",
            "DO  - https://doi.org/10.5555/ABC",
            "UR  - https://example.org/a",
            "AB  - One paragraph.",
            "KW  - cranes",
            "KW  - tides; engines",
            "N1  - Export Date: 21 November 2026; Read <twice>",
            "PB  - Press",
            "LA  - en",
            "XX  - who knows",
        )
    )
    assert (item.key, item.item_type, item.title) == (
        "example2020",
        "journalArticle",
        "An Example: of a title that goes on",
    )
    assert [(c.role, c.family, c.given) for c in item.creators] == [
        ("author", "Author", "First, Jr."),
        ("author", "World Example Organization", ""),
        ("editor", "Editor", "An"),
    ]
    assert (item.date, item.year, item.volume, item.issue, item.pages) == ("2020/03/15", 2020, "7", "2", "11-19")
    assert (item.doi, item.url, item.issn) == ("10.5555/abc", "https://example.org/a", "1234-567X")
    assert (item.venue, item.publisher, item.language) == ("Journal of Examples", "Press", "en")
    assert (item.abstract, item.notes) == ("One paragraph.", ("<p>Read &lt;twice&gt;</p>",))
    assert [tag.name for tag in item.tags] == ["cranes", "engines", "tides"]


def test_old_tags_and_a_chapter(read_ris: Read) -> None:
    [item] = read_ris(
        reference("A1  - Author, A", "T1  - Chapter", "BT  - Book", "Y1  - 1999", "N2  - Abstract", kind="CHAP")
    )
    assert (item.item_type, item.title, item.venue, item.year, item.abstract) == (
        "bookSection",
        "Chapter",
        "Book",
        1999,
        "Abstract",
    )


def test_a_book_with_its_isbn(read_ris: Read) -> None:
    [item] = read_ris(reference("BT  - Whole Book", "SN  - 978-3-16-148410-0 (hbk)", kind="BOOK"))
    assert (item.item_type, item.title, item.isbn, item.issn, item.venue) == (
        "book",
        "Whole Book",
        "9783161484100",
        None,
        None,
    )


def test_an_arxiv_id_in_the_link(read_ris: Read) -> None:
    [item] = read_ris(reference("TI  - T", "UR  - http://arxiv.org/abs/1706.03762v5", kind="UNPB"))
    assert document_identity(item) == "arxiv:1706.03762"


def test_numbers_are_no_ids(read_ris: Read) -> None:
    """They count the references of one export; the next one counts anew."""
    first = read_ris(reference("ID  - 1", "TI  - A", "DO  - 10.5555/a") + reference("ID  - 2", "TI  - B"))
    second = read_ris(reference("ID  - 1", "TI  - B") + reference("ID  - 2", "TI  - A", "DO  - 10.5555/a"))
    assert [item.key for item in first] == [item.key for item in second][::-1]


def test_equal_ids_are_told_apart_whatever_their_order(read_ris: Read) -> None:
    texts = [reference("ID  - a", f"TI  - {title}") for title in ("One", "Two")] + [reference("ID  - a-2", "TI  - Own")]
    keys = {item.title: item.key for item in read_ris("".join(texts))}
    assert keys == {"One": "a", "Two": "a-3", "Own": "a-2"}
    assert keys == {item.title: item.key for item in read_ris("".join(reversed(texts)))}


def test_a_long_id_is_shortened(read_ris: Read) -> None:
    [item] = read_ris(reference(f"ID  - {'x' * 500}", "TI  - T"))
    assert len(item.key) == 32


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("AU  - Nobody\nID  - bad\nER  - \n", "type"),
        ("TY  - JOUR\nID  - bad\nER  - \n", "says nothing"),
        ("TY  - JOUR\nID  - bad\nTI  - T\nAB  - " + f"{'x' * 99}\n" * 50_000 + "ER  - \n", "longer"),
    ],
)
def test_a_broken_reference_says_so_and_spoils_no_other(read_ris: Read, broken: str, reason: str) -> None:
    before, bad, after = read_ris(reference("TI  - Before") + broken + reference("TI  - After"))
    assert (before.title, bad.key, after.title) == ("Before", "bad", "After")
    assert bad.refusal is not None
    assert (bad.refusal.state, bad.refusal.code) == ("failed", "broken_record")
    assert reason in bad.refusal.detail
    assert "line 5 " in bad.refusal.detail


def test_an_end_that_is_missing_is_where_the_next_begins(read_ris: Read) -> None:
    items = read_ris("TY  - JOUR\nTI  - One\n\nTY  - JOUR\nTI  - Two\n")
    assert [(item.title, item.refusal) for item in items] == [("One", None), ("Two", None)]


def test_notices_around_references_are_left_out(read_ris: Read) -> None:
    [item] = read_ris(f"\ufeffProvider: An Example\nContent: text/plain\n\n{reference('TI  - T')}\nEnd of export\n")
    assert (item.title, item.refusal) == ("T", None)
