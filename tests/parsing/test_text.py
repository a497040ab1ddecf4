from __future__ import annotations

import pytest

from longshore.parsing.text import decode, read_plain

KOREAN = "안녕하세요. 지식 그래프 연구에 관한 메모입니다."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (KOREAN, "utf-8"),
        (KOREAN, "utf-8-sig"),
        (KOREAN, "utf-16"),
        (KOREAN, "cp949"),
        (KOREAN, "euc_kr"),
        ("これは日本語の文章です。図書館の資料について説明します。", "cp932"),
        ("Le café était fermé; où êtes-vous allés après la fête ?", "cp1252"),
    ],
)
def test_text_is_read_in_the_encoding_it_was_saved_in(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_text_can_be_stored() -> None:
    reading = read_plain(
        "NUL\x00 and\r\nlone \ud800 surrogates, \ufb01ne ligatures, \u1112\u1161\u11ab\u1100\u1173\u11af in pieces"
    )
    assert reading.pages == ["NUL and\nlone  surrogates, fine ligatures, 한글 in pieces"]
