"""Whether a passage says what is quoted from it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.extraction.evidence import find

PASSAGE = "Durable  execution\nkeeps the “knowl-\nedge graph” whole – and the ﬁles, too. 지식 그래프는 끊기지 않는다."


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        ("execution", "execution"),
        ("durable execution keeps", "Durable  execution\nkeeps"),
        ('the "knowledge graph" whole', "the “knowl-\nedge graph” whole"),
        ("the “knowl-\nedge graph”", "the “knowl-\nedge graph”"),
        ("whole - and the files", "whole – and the ﬁles"),
        ("지식 그래프는", "지식 그래프는"),
        (unicodedata.normalize("NFD", "그래프는 끊기지"), "그래프는 끊기지"),
        ("  too.  ", None),
        ("exe\u200bcution", "execution"),
        ("durable execution loses", None),
        ("the graph", None),
        ("", None),
        (" \n", None),
        ("of", None),
        ("the", None),
        ("“–”", None),
    ],
)
def test_it_is_found_as_the_passage_has_it_or_not_at_all(evidence: str, found: str | None) -> None:
    span = find(evidence, PASSAGE)
    assert (None if span is None else PASSAGE[slice(*span)]) == found


def test_it_is_found_in_decomposed_text_too() -> None:
    passage = unicodedata.normalize("NFD", "Über das café und die 지식 그래프.")
    span = find("Über das café", passage)
    assert span is not None
    assert unicodedata.normalize("NFC", passage[slice(*span)]) == "Über das café"
    span = find("지식 그래프", passage)
    assert span is not None
    assert unicodedata.normalize("NFC", passage[slice(*span)]) == "지식 그래프"


@given(st.text(st.characters(codec="ascii")), st.integers(0, 50), st.integers(1, 50))
def test_what_is_cut_out_of_a_passage_is_found_in_it_or_says_too_little(text: str, start: int, length: int) -> None:
    quoted = text[start : start + length]
    span = find(quoted, text)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
    else:
        assert sum(map(str.isalnum, quoted)) < 4 or "-\n" in text


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(evidence: str, passage: str) -> None:
    span = find(evidence, passage)
    assert span is None or 0 <= span[0] < span[1] <= len(passage)
