from __future__ import annotations

from longshore.parsing.lines import flow


def test_lines_of_a_paragraph_become_one() -> None:
    page = "A heading\nThe first line of a paragraph goes\non in the second, as long as that, and\nends.\nNext one"
    assert flow(page) == (
        "A heading\nThe first line of a paragraph goes on in the second, as long as that, and ends.\nNext one"
    )


def test_han_and_kana_are_joined_without_a_space() -> None:
    assert flow("図書館の資料について\n説明するための文章で") == "図書館の資料について説明するための文章で"


def test_a_page_without_text() -> None:
    assert flow(" \n\n ") == ""
