"""Vectors of others are looked at before they are kept."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.embedding.dialects import Unusable
from longshore.embedding.vectors import unit_vectors


def test_they_become_unit_vectors() -> None:
    assert unit_vectors([[3, 4], [0, -0.5]], 2) == pytest.approx(np.array([[0.6, 0.8], [0, -1]]))
    assert unit_vectors([], 2).shape == (0, 2)


@pytest.mark.parametrize(
    "row",
    [
        None,
        "12",
        {"0": 1, "1": 1},
        [],
        [1],
        [1, 2, 3],
        [1, None],
        [1, "2"],
        [True, False],
        [1, [2]],
        [0, 0],
        [1e-9, 0],
        [math.nan, 1],
        [math.inf, 1],
        [-math.inf, 1],
        [1e300, 1e300],
        [10**400, 1],
    ],
)
def test_what_is_no_direction_is_refused(row: Any) -> None:
    with pytest.raises(Unusable):
        unit_vectors([[1, 1], row], 2)


@given(st.lists(st.lists(st.floats(), min_size=3, max_size=3), max_size=4))
def test_whatever_comes_is_refused_or_has_the_length_of_one(rows: list[list[float]]) -> None:
    try:
        vectors = unit_vectors(rows, 3)
    except Unusable:
        return
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
