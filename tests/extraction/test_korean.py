"""Nouns told from particles and predicates by their endings."""

from __future__ import annotations

import pytest

from longshore.extraction.korean import noun, proven_nouns


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("그래프를", "그래프"),
        ("알고리즘은", "알고리즘"),
        ("데이터베이스로부터", "데이터베이스"),
        ("모델에서의", "모델"),
        ("연구자들이", "연구자"),
        ("토지생산성이란", "토지생산성"),
        ("워크플로로", "워크플로"),
        ("파일로", "파일"),
        ("생산관계의", "생산관계"),
    ],
)
def test_particles_are_stripped(word: str, stem: str) -> None:
    assert noun(word, frozenset()) == (stem, True)


@pytest.mark.parametrize(
    "word",
    [
        "평가",
        "국가",
        "증가",
        "차이",
        "높이",
        "결과",
        "효과",
        "경로",
        "정의",
        "속도",
        "언어",
        "실험결과",
        "민주주의",
        "정확도",
        "보고서",
    ],
)
def test_a_noun_that_ends_like_a_particle_stays_whole(word: str) -> None:
    assert noun(word, frozenset()) == (word, False)


@pytest.mark.parametrize(
    "word",
    [
        "연결한다",
        "분석하는",
        "구축하여",
        "중요한",
        "다양한",
        "제안된",
        "위한",
        "대한",
        "효율적으로",
        "높은",
        "급격히",
        "있었다",
        "사용하고",
        "됩니다",
    ],
)
def test_predicates_and_modifiers_are_no_nouns(word: str) -> None:
    assert noun(word, frozenset()) is None


def test_the_text_itself_proves_what_is_a_noun() -> None:
    proven = proven_nouns({"시나리오를", "전문가는", "회로도를", "문제를"})
    assert noun("회로도", proven) == ("회로도", False)
    assert noun("문제도", proven | {"문제"}) is None or noun("문제도", proven) == ("문제", True)
    assert noun("전문가가", proven) == ("전문가", True)
