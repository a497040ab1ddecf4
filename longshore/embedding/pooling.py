"""The direction of a text, out of the vectors of its tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Bounds what one text takes: so many rows are gathered at a time (2 MB).
_TOKENS_AT_A_TIME = 4096


def unit_mean(
    rows: NDArray[Any], ids: list[int] | NDArray[np.int64], weights: NDArray[Any] | None = None
) -> NDArray[np.float64]:
    """A vector of length one along the mean of these rows, each times its weight; zeros if there is none.

    Args:
        weights: One for each of `ids`.
    """
    total = np.zeros(rows.shape[1])
    for start in range(0, len(ids), _TOKENS_AT_A_TIME):
        gathered = rows[ids[start : start + _TOKENS_AT_A_TIME]]
        if weights is not None:
            gathered = gathered * weights[start : start + _TOKENS_AT_A_TIME, np.newaxis]
        # Summed along the token axis, which adds row after row: the order, and so every bit, is the text's own.
        total += gathered.sum(axis=0, dtype=np.float64)
    length = np.sqrt(np.square(total).sum())
    return total / length if length > 0 else total
