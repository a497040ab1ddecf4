"""Identifiers in the spellings that libraries hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.sources import identifiers


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("DOI 10.5555/ABC.Def", "10.5555/abc.def"),
        ("DOI https://doi.org/10.5555/abc", "10.5555/abc"),
        ("doi:10.5555/abc.", "10.5555/abc"),
        ("http://dx.doi.org/10.5555%2Fabc", None),
        ("10.5555/%28SICI%291097", "10.5555/(sici)1097"),
        (
            "10.1002/(SICI)1097-4636(1998)43:4<338::AID-JBM16>3.0.CO;2-B",
            "10.1002/(sici)1097-4636(1998)43:4<338::aid-jbm16>3.0.co;2-b",
        ),
        ("10.5555/one; 10.5555/two", "10.5555/one"),
        ("DOI 3.0.CO;2-9", None),
        ("version 10.5/3", None),
    ],
)
def test_doi(text: str, doi: str | None) -> None:
    assert identifiers.doi(text) == doi


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://doi.org/10.5555/ABC?ref=1", "10.5555/abc"),
        ("http://dx.doi.org/10.5555/abc", "10.5555/abc"),
        ("https://publisher.example/doi/10.5555/abc/suppl_file/x.pdf", None),
    ],
)
def test_doi_of_url_trusts_the_resolver_only(url: str, doi: str | None) -> None:
    assert identifiers.doi_of_url(url) == doi


@pytest.mark.parametrize(
    ("text", "arxiv"),
    [
        ("arXiv:2499.00001v2 [cs.CL]", "2499.00001"),
        ("https://arxiv.org/pdf/2499.00001.pdf", "2499.00001"),
        ("https://arxiv.org/abs/math.GT/0399136", "math.gt/0399136"),
        ("10.48550/arXiv.2499.00001", "2499.00001"),
        ("https://arxiv.org/list/cs.CL/recent", None),
        ("arXiv:2499.000012", None),
        ("10.5555/2499.00001", None),
    ],
)
def test_arxiv(text: str, arxiv: str | None) -> None:
    assert identifiers.arxiv(text) == arxiv


@pytest.mark.parametrize(
    ("text", "isbn"),
    [
        ("ISBN 0-306-40615-2", "9780306406157"),
        ("ISBN 978-0-306-40615-7", "9780306406157"),
        ("978-3-16-148410-0, 978-0-306-40615-7", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("978-0-306-40615-8", None),
        ("000-0-00-000000-0", None),
        ("0-306-40615-3", None),
    ],
)
def test_isbn(text: str, isbn: str | None) -> None:
    assert identifiers.isbn(text) == isbn


@given(st.permutations(["978-3-16-148410-0", "0-306-40615-2", "978 0 306 40615 7"]))
def test_isbn_of_a_list_does_not_depend_on_its_order(listed: list[str]) -> None:
    assert identifiers.isbn(" ".join(listed)) == "9780306406157"


def test_issn() -> None:
    assert identifiers.issn("ISSN 1234567x, 7654-3210") == "1234-567X"


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (identifiers.doi, identifiers.doi_of_url, identifiers.arxiv, identifiers.isbn, identifiers.issn):
        read(text)
