from __future__ import annotations

from pathlib import Path

import pytest

from tests.parsing import papers

SENTENCE = "An import that survives a crash goes on where it was, and repeats nothing that was committed. "
KOREAN_SENTENCE = "연구자는 자료를 잃지 않고 도서관을 지식 그래프로 옮길 수 있다. "


@pytest.fixture(scope="session")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two columns on two pages, with a reference list on the second."""
    first = [f"Paragraph {number} of the first page. {SENTENCE * 3}" for number in range(1, 9)]
    second = [
        f"Paragraph one of the second page. {SENTENCE * 3}",
        "References",
        "[1] Durable execution. Journal of Examples 1 (2020). https://doi.org/10.1000/First.Work.",
        "[2] Knowledge graphs. Journal of Examples 2 (2021). doi:10.1000/second(2021)7,",
    ]
    pages = [["doi:10.1000/this.paper", *first], second]
    path = tmp_path_factory.mktemp("papers") / "english.pdf"
    return papers.paper(path, "Durable Imports of Research Libraries", pages)


@pytest.fixture(scope="session")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pages = [[f"문단 {number}. {KOREAN_SENTENCE * 6}" for number in range(1, 9)]]
    path = tmp_path_factory.mktemp("papers") / "korean.pdf"
    return papers.paper(path, "지식 그래프 구축", pages, font=papers.KOREAN_FONT)
