"""What a PDF says of itself, taken where it can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from longshore.parsing.document import parse_file
from longshore.parsing.model import About, Parsed, Person
from tests.parsing import papers
from tests.parsing.conftest import SENTENCE

TITLE = "Durable Imports of Research Libraries"
AUTHORS = (Person(family="Example", given="Ada"), Person(family="van der Sample", given="Bo C."))
BYLINE = "Ada Example1, Bo C. van der Sample2"
PLACE = "1 University of Examples, 2 Institute of Samples"
BODY = ("Abstract", *[SENTENCE.strip()] * 12)


def read(folder: Path, *front: str, body: tuple[str, ...] = BODY, title: str = TITLE, **metadata: Any) -> Parsed:
    """What is read of a paper with these lines below its title."""
    lines = [(18.0, title), *((10.0, line) for line in (*front, *body))]
    path = papers.article(folder / "paper.pdf", lines, **metadata)
    return parse_file(path, "application/pdf", path.name)


def about(folder: Path, *front: str, **other: Any) -> About:
    return read(folder, *front, **other).about


def test_a_front_page_tells_who_when_and_what(tmp_path: Path) -> None:
    parsed = read(tmp_path, BYLINE, PLACE, "https://doi.org/10.1000/Durable.7", "Published online: 3 May 2021")
    assert parsed.title == TITLE
    assert parsed.about == About(authors=AUTHORS, year=2021, doi="10.1000/durable.7")


def test_metadata_that_the_page_shows_too_is_spelled_better(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        "Ada Example",
        title="DURABLE IMPORTS OF RESEARCH LIBRARIES",
        information={"Title": TITLE, "Author": "Ada Example"},
    )
    assert (parsed.title, parsed.about.authors) == (TITLE, AUTHORS[:1])


def test_a_packet_tells_what_publishers_put_there(tmp_path: Path) -> None:
    packet = papers.xmp(
        f"<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>{TITLE}</rdf:li></rdf:Alt></dc:title>"
        "<dc:creator><rdf:Seq><rdf:li>Ada Example</rdf:li><rdf:li>Bo C. van der Sample</rdf:li></rdf:Seq></dc:creator>"
        "<prism:doi>10.1000/PACKET.1</prism:doi><prism:coverDate>2019-11-01</prism:coverDate>"
    )
    parsed = read(tmp_path, "Ada Example and Bo C. van der Sample", packet=packet)
    assert parsed.title == TITLE
    assert parsed.about == About(authors=AUTHORS, year=2019, doi="10.1000/packet.1")


@pytest.mark.parametrize(
    "packet",
    ["<x:xmpmeta>no XML", papers.xmp("<prism:doi>none</prism:doi>"), '<!DOCTYPE a [<!ENTITY b "c">]>' + papers.xmp("")],
    ids=["broken", "no-doi", "dtd"],
)
def test_a_packet_that_says_nothing_hides_nothing(tmp_path: Path, packet: str) -> None:
    parsed = read(tmp_path, BYLINE, PLACE, "doi:10.1000/durable.7", packet=packet)
    assert (parsed.title, parsed.about.doi, parsed.about.authors) == (TITLE, "10.1000/durable.7", AUTHORS)


def test_the_stamp_of_arxiv_is_believed_and_dates_the_paper(tmp_path: Path) -> None:
    parsed = read(tmp_path, "arXiv:2101.00042v3 [cs.DB] 4 Jan 2021", BYLINE, PLACE)
    assert (parsed.about.arxiv, parsed.about.year, parsed.about.doi) == ("2101.00042", 2021, None)


def test_the_doi_that_arxiv_gives_is_its_id(tmp_path: Path) -> None:
    assert about(tmp_path, information={"DOI": "10.48550/arXiv.2101.00042"}) == About(arxiv="2101.00042", year=2021)


@pytest.mark.parametrize(
    "lines",
    [
        ("1 A. Other, Cranes of Harbours, Journal of Examples 2 (2019),", "https://doi.org/10.1000/cited"),
        ("as others have shown (doi:10.1000/cited), and as we show again",),
        ("The data are available at https://doi.org/10.1000/cited",),
        ("https://doi.org/10.5281/zenodo.42",),
        ("References", "[1] Cranes of Harbours. doi:10.1000/cited"),
    ],
    ids=["footnote", "sentence", "data", "zenodo", "references"],
)
def test_the_doi_of_another_work_is_not_taken(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert about(tmp_path, BYLINE, PLACE, body=(*BODY, *lines)).doi is None


@pytest.mark.parametrize(
    "lines",
    [
        ("Digital Object Identifier 10.1000/own",),
        ("Citation: Example A (2020) Durable Imports. J Ex 1. doi:10.1000/own",),
        ("© 2020 The Authors. Published by Examples.", "https://doi.org/10.1000/own"),
    ],
    ids=["ieee", "citation", "imprint"],
)
def test_the_imprint_may_stand_below(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert about(tmp_path, BYLINE, PLACE, body=(*BODY, *lines)).doi == "10.1000/own"


def test_two_dois_are_none(tmp_path: Path) -> None:
    assert about(tmp_path, "doi:10.1000/one", "doi:10.1000/two").doi is None


@pytest.mark.parametrize("claimed", ["Microsoft Word - draft7.docx", "untitled", "A Template of the Publisher"])
def test_a_title_that_only_metadata_claims_is_not_taken(tmp_path: Path, claimed: str) -> None:
    assert read(tmp_path, information={"Title": claimed}).title == TITLE


def test_an_author_whom_the_page_does_not_name_is_none(tmp_path: Path) -> None:
    assert about(tmp_path, information={"Author": "Licensed User"}).authors == ()


@pytest.mark.parametrize(
    "lines",
    [
        ("A Subtitle In Capitals", "and more of it"),
        ("Ada Example",),
        ("Technical Report No. 7", "University of Examples"),
    ],
    ids=["subtitle", "lone-name", "report"],
)
def test_where_in_doubt_there_are_no_authors(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert about(tmp_path, *lines).authors == ()


def test_a_korean_paper(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        "홍길동1, 남궁길동2",
        "1 한국대학교 컴퓨터공학과",
        title="지식 그래프의 구축",
        body=("초록", "연구자는 자료를 잃지 않고 도서관을 지식 그래프로 옮길 수 있다."),
        font=papers.KOREAN_FONT,
    )
    assert parsed.title == "지식 그래프의 구축"
    assert parsed.about.authors == (Person(family="홍", given="길동"), Person(family="남궁", given="길동"))


def test_only_the_front_page_is_asked(tmp_path: Path) -> None:
    pages = [[SENTENCE * 3], ["doi:10.1000/later", "Published 3 May 2021", SENTENCE * 3]]
    path = papers.paper(tmp_path / "long.pdf", TITLE, pages, columns=1)
    assert parse_file(path, "application/pdf", path.name).about == About()
