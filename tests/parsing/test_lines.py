from __future__ import annotations

from longshore.parsing.lines import flow


def test_lines_of_a_paragraph_become_one() -> None:
    page = "A heading\nThe first line of a paragraph goes\non in the second, as long as that, and\nends.\nNext one"
    assert flow(page) == (
        "A heading\nThe first line of a paragraph goes on in the second, as long as that, and ends.\nNext one"
    )


def test_han_and_kana_are_joined_without_a_space() -> None:
    assert flow("図書館の資料について\n説明するための文章で") == "図書館の資料について説明するための文章で"


def test_korean_words_that_lines_tore_apart_are_whole_again() -> None:
    lines = ["문헌에 나타난 관계를", "하나의 구조로 모은다.", "도중에 멈춘 모든 작업", "을 처음부터 다시 한다."]
    assert flow("\n".join(lines)) == (
        "문헌에 나타난 관계를 하나의 구조로 모은다. 도중에 멈춘 모든 작업을 처음부터 다시 한다."
    )


def test_korean_lines_that_end_with_a_word_keep_the_space() -> None:
    page = "지식 그래프는 문헌에 나타난 저자와\n개념과 관계를 하나의 구조로 모으는\n방법이다. 실험 결과 제안한 방법은"
    assert flow(page) == page.replace("\n", " ")


def test_a_page_without_text() -> None:
    assert flow(" \n\n ") == ""
