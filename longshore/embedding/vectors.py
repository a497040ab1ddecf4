"""Vectors that others have made, looked at before they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longshore.embedding.dialects import Unusable

SHORTEST = 1e-6
"""What is shorter has no direction to speak of. The distance to a zero vector is not a number."""


def unit_vectors(rows: Sequence[Any], dimensions: int) -> NDArray[np.float32]:
    """The rows of an answer as unit vectors, shape (len(rows), dimensions).

    Raises:
        Unusable: a row has other dimensions, or holds what is no finite number, or is zero.
    """
    vectors = np.empty((len(rows), dimensions), dtype=np.float64)
    for place, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != dimensions:
            length = len(row) if isinstance(row, list) else "no"
            raise Unusable(f"a vector has {length} dimensions instead of {dimensions}.")
        # A number as text, or a truth value, would pass for a number further on.
        if not all(type(number) in (float, int) for number in row):
            raise Unusable("a vector holds something other than numbers.")
        try:
            vectors[place] = row
        except OverflowError:
            raise Unusable("a vector holds a number that is too large.") from None
    # Beyond this a length would overflow.
    if not np.isfinite(vectors).all() or np.abs(vectors).max(initial=0) > 1e100:
        raise Unusable("a vector holds what is no finite number.")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if (lengths < SHORTEST).any():
        raise Unusable("a vector is zero.")
    unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
    return unit
