from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longshore.parsing.chunking import CJK_BUDGET, LATIN_BUDGET, budget, cut
from longshore.parsing.reading import PAGE_SEPARATOR, Reading, clean
from tests.parsing.conftest import KOREAN_SENTENCE, SENTENCE

WORDS = st.sampled_from(
    [
        *SENTENCE.split(),
        *KOREAN_SENTENCE.split(),
        "한국어",
        "語",
        "👩‍👩‍👧",
        "e\u0301",
        "\n",
        "\n\n",
        "\u3000",
        "x" * 2000,
        "가" * 700,
    ]
)
PAGES = st.lists(
    st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=200).map(" ".join)).map(clean), min_size=1, max_size=6
)

# How long an example takes says how busy the machine is.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(PAGES)
def test_offsets_slice_the_whole_text_in_order_and_leave_out_only_white_space(pages: list[str]) -> None:
    whole = PAGE_SEPARATOR.join(pages)
    parsed = cut(Reading(pages=pages))
    assert parsed.characters == len(whole)
    position = 0
    for chunk in parsed.chunks:
        assert chunk.start >= position
        assert whole[position : chunk.start].strip() == ""
        assert whole[chunk.start : chunk.end] == chunk.text
        assert 0 < len(chunk.text) <= budget(whole)
        assert chunk.text.strip()
        position = chunk.end
    assert whole[position:].strip() == ""


@unhurried
@given(PAGES)
def test_a_chunk_is_on_the_page_it_starts_on(pages: list[str]) -> None:
    starts = [sum(len(page) + len(PAGE_SEPARATOR) for page in pages[:number]) for number in range(len(pages))]
    for chunk in cut(Reading(pages=pages, numbered=True)).chunks:
        assert chunk.page is not None
        start = starts[chunk.page - 1]
        assert start <= chunk.start < start + len(pages[chunk.page - 1])


@unhurried
@given(PAGES)
def test_the_same_text_is_always_cut_the_same_way(pages: list[str]) -> None:
    assert cut(Reading(pages=pages)) == cut(Reading(pages=list(pages)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SENTENCE * 20, LATIN_BUDGET),
        (KOREAN_SENTENCE * 20, CJK_BUDGET),
        (KOREAN_SENTENCE * 10 + SENTENCE * 5, CJK_BUDGET),
        (SENTENCE * 20 + KOREAN_SENTENCE, LATIN_BUDGET),
        ("図書館の資料について説明します。" * 20, CJK_BUDGET),
        ("2026 1 2 3", LATIN_BUDGET),
        ("", LATIN_BUDGET),
    ],
    ids=["english", "korean", "korean paper", "english with a quotation", "japanese", "digits", "nothing"],
)
def test_budget_by_script(text: str, expected: int) -> None:
    assert budget(text) == expected


def test_chunks_fill_their_budget_and_end_with_a_sentence() -> None:
    for sentence, most in ((SENTENCE, LATIN_BUDGET), (KOREAN_SENTENCE, CJK_BUDGET)):
        chunks = cut(Reading(pages=[sentence * 60])).chunks
        assert all(most - len(sentence) <= len(chunk.text) <= most for chunk in chunks[:-1])
        assert all(chunk.text.endswith(".") for chunk in chunks)


def test_nothing_to_cut() -> None:
    assert cut(Reading(pages=["", " \n"], numbered=True)).chunks == ()
