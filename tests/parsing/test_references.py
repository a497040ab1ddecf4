from __future__ import annotations

import pytest

from longshore.parsing.references import CitedDois


def cited(*pages: str) -> tuple[str, ...]:
    collector = CitedDois()
    for page in pages:
        collector.feed(page)
    return collector.sorted()


@pytest.mark.parametrize(
    "heading",
    ["References", "REFERENCES", "7. References", "VII. References", "Bibliography:", "참고문헌", "참고 문헌"],
)
def test_headings_of_reference_lists(heading: str) -> None:
    assert cited(f"See 10.1000/before.\n{heading}\n[1] 10.1000/a") == ("10.1000/a",)


@pytest.mark.parametrize("line", ["References are made to 10.1000/a", "Cross-References", "no heading"])
def test_without_a_heading_nothing_is_cited(line: str) -> None:
    assert cited(f"{line}\n[1] 10.1000/a") == ()


@pytest.mark.parametrize(
    ("printed", "doi"),
    [
        ("https://doi.org/10.1000/ABC.", "10.1000/abc"),
        ("(doi:10.1000/abc)", "10.1000/abc"),
        ("[10.1000/abc],", "10.1000/abc"),
        ("10.1016/S0140-6736(05)71146-6;", "10.1016/s0140-6736(05)71146-6"),
        ("10.1000/xyz(2020)", "10.1000/xyz(2020)"),
        ("“10.1000/abc”", "10.1000/abc"),
        ("doi:10.1145/\n3292500", "10.1145/3292500"),
        ("doi:10.1007/long_\nname", "10.1007/long_name"),
    ],
)
def test_a_doi_is_freed_from_the_sentence_around_it(printed: str, doi: str) -> None:
    assert cited(f"References\n{printed} and more") == (doi,)


def test_they_are_sorted_and_without_duplicates_over_pages() -> None:
    assert cited("References\n10.1000/b 10.1000/A", "10.1000/a 10.1000/c") == ("10.1000/a", "10.1000/b", "10.1000/c")


def test_the_documents_own_doi_at_the_foot_of_its_pages_is_not_cited() -> None:
    assert cited("doi:10.1000/own\nText", "References\n10.1000/a\nhttps://doi.org/10.1000/OWN") == ("10.1000/a",)


def test_what_is_left_of_a_torn_doi_is_dropped() -> None:
    assert cited("References\n10.1000/. and 10.1000/)") == ()
