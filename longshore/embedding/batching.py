"""Which texts go into one request."""

from __future__ import annotations

from collections.abc import Sequence


def batches(tokens: Sequence[int], max_items: int, max_tokens: int) -> list[range]:
    """Consecutive places, cut so that no batch has more items or tokens than it may; a text alone may have more tokens.

    The cut depends on the texts alone, so that a second attempt makes the same requests.
    """
    cut: list[range] = []
    start = total = 0
    for place, count in enumerate(tokens):
        if place > start and (place - start == max_items or total + count > max_tokens):
            cut.append(range(start, place))
            start, total = place, 0
        total += count
    if start < len(tokens):
        cut.append(range(start, len(tokens)))
    return cut
