"""Which texts go into one request, how many tokens they are estimated at, and what is left of one that is cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from longshore.embedding.batching import batches
from longshore.providers.tokens import cut_to_tokens, estimated_tokens


@given(st.lists(st.integers(0, 50)), st.integers(1, 10), st.integers(1, 100))
def test_batches_keep_the_order_lose_nothing_and_hold_no_more_than_they_may(
    tokens: list[int], max_items: int, max_tokens: int
) -> None:
    cut = batches(tokens, max_items, max_tokens)
    assert [place for batch in cut for place in batch] == list(range(len(tokens)))
    for batch in cut:
        assert 1 <= len(batch) <= max_items
        assert len(batch) == 1 or sum(tokens[place] for place in batch) <= max_tokens
    for one, other in pairwise(cut):
        full = len(one) == max_items or sum(tokens[place] for place in one) + tokens[other.start] > max_tokens
        assert full


@given(st.text(), st.integers(2, 50))
def test_a_cut_text_is_a_beginning_and_within_the_limit(text: str, tokens: int) -> None:
    cut = cut_to_tokens(text, tokens)
    assert estimated_tokens(cut) <= tokens
    assert text.lstrip().startswith(cut) or cut == text
    if text.strip():
        assert cut.strip()


def test_a_cut_falls_between_words_where_it_can() -> None:
    assert cut_to_tokens("one two three four", 5) == "one two three"
    assert cut_to_tokens("a" * 100, 5) == "a" * 15
    assert cut_to_tokens("지식그래프", 3) == "지식그"
