"""When two items are one document, and above all when they are not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.sources.identity import document_identity, normalised
from longshore.sources.model import Attachment, Creator, Item, Tag


def entry(**fields: Any) -> Item:
    defaults: dict[str, Any] = {
        "key": "k",
        "kind": "entry",
        "item_type": "journalArticle",
        "title": "A Study of Things",
    }
    return Item(**{**defaults, **fields})


def same(first: Item, second: Item) -> bool:
    return document_identity(first) == document_identity(second)


ALEX = (Creator(role="author", family="Example", given="Alex"),)
SAM = (Creator(role="author", family="Sample", given="Sam"),)


def test_one_doi_is_one_document_whatever_else_differs() -> None:
    assert same(entry(doi="10.5555/a"), entry(doi="10.5555/a", title="Study of things, a", item_type="conferencePaper"))
    assert not same(entry(doi="10.5555/a"), entry(doi="10.5555/b"))


def test_sections_that_carry_their_books_doi_stay_apart() -> None:
    book = entry(item_type="book", doi="10.5555/book", title="The Whole")
    sections = [entry(item_type="bookSection", doi="10.5555/book", title=title) for title in ("One", "Two")]
    assert len({document_identity(item) for item in (book, *sections)}) == 3


def test_arxiv_id_and_its_doi_are_one_document() -> None:
    assert same(entry(arxiv="2499.00001"), entry(arxiv="2499.00001", doi="10.48550/arxiv.2499.00001"))
    assert document_identity(entry(arxiv="2499.00001", doi="10.5555/a")) == "doi:10.5555/a"


def test_isbn_is_for_whole_books_only() -> None:
    isbn = "9780306406157"
    book = entry(item_type="book", isbn=isbn, title="The Whole: A Subtitle")
    assert same(book, entry(item_type="book", isbn=isbn, title="The whole"))
    sections = [entry(item_type="bookSection", isbn=isbn, venue="The Whole", title=title) for title in ("One", "Two")]
    assert len({document_identity(item) for item in (book, *sections)}) == 3


def test_volumes_of_a_set_share_an_isbn_and_stay_apart() -> None:
    isbn = "9780306406157"
    volumes = [entry(item_type="book", isbn=isbn, title="Collected Works", volume=volume) for volume in ("1", "2")]
    titled = [
        entry(item_type="book", isbn=isbn, title=title) for title in ("Seminumerical Examples", "Sorting Examples")
    ]
    assert len({document_identity(item) for item in (*volumes, *titled)}) == 4


@pytest.mark.parametrize("url", ["http://a]b/", "http://x\u2100y/", "http://[", "//["])
def test_what_is_no_url_still_tells_works_apart(url: str) -> None:
    one, other = (document_identity(entry(item_type="webpage", url=url, title=title)) for title in ("One", "Other"))
    assert one != other


def test_different_works_behind_one_url_stay_apart() -> None:
    url = "https://example.org/news/report"
    page, report = (
        entry(item_type="webpage", url=url, title="News"),
        entry(item_type="report", url=url, title="The Report"),
    )
    assert not same(page, report)


def test_one_page_saved_twice_is_one_document() -> None:
    assert same(
        entry(item_type="webpage", url="https://www.example.org/a/", title="A Page", tags=(Tag(name="x"),)),
        entry(item_type="webpage", url="http://EXAMPLE.org/a#top", title="A page"),
    )


def test_title_year_and_first_author_together_are_one_document() -> None:
    base = entry(year=2020, creators=ALEX)
    assert same(base, entry(year=2020, creators=(*ALEX, *SAM), title="A study of “things”"))
    assert not same(base, entry(year=2021, creators=ALEX))
    assert not same(base, entry(year=2020, creators=SAM))


@pytest.mark.parametrize("title", ["Editorial", "Introduction", "Book review"])
def test_what_is_only_called_editorial_is_told_apart_by_its_place(title: str) -> None:
    first, second = (entry(title=title, year=2020, creators=ALEX, venue="J", issue=issue) for issue in ("1", "2"))
    assert not same(first, second)


def test_without_author_or_year_a_title_is_not_enough() -> None:
    assert not same(
        entry(title="Annual report", date="2019", year=2019), entry(title="Annual report", publisher="Other")
    )


def test_untitled_items_differ_by_what_they_hold() -> None:
    first, second = (entry(title="", attachments=(Attachment(sha256=digit * 64),)) for digit in "ab")
    assert not same(first, second)


def test_files_of_equal_name_are_known_by_their_content() -> None:
    def file(digest: str, title: str = "Full Text PDF") -> Item:
        return Item(key="k", kind="attachment", title=title, attachments=(Attachment(path="f.pdf", sha256=digest),))

    assert not same(file("a" * 64), file("b" * 64))
    assert same(file("a" * 64), file("a" * 64, title="renamed.pdf"))


def test_notes_are_known_by_their_text() -> None:
    first, second = (Item(key="k", kind="note", title="Plan", notes=(text,)) for text in ("<p>a</p>", "<p>b</p>"))
    assert not same(first, second)


@given(
    st.builds(
        entry,
        title=st.text(max_size=20),
        url=st.none() | st.text(max_size=30),
        doi=st.none() | st.text(max_size=20),
        year=st.none() | st.integers(1000, 2099),
    ),
    st.text(max_size=5),
)
def test_identity_ignores_key_tags_and_collections(item: Item, word: str) -> None:
    filed = item.model_copy(update={"key": word, "tags": (Tag(name=word),), "collections": ((word,),)})
    assert document_identity(filed) == document_identity(item)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
