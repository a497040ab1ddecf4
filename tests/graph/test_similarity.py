"""Nearest documents by exact distance, whatever the share that is asked for at once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from longshore.graph.linking.similarity import LEAST_SIMILARITY, NEIGHBOURS, nearest, quantised


@given(st.integers(0, 2**32 - 1), st.integers(2, 90), st.sampled_from([256, 1536]))
def test_nearest_are_those_of_an_exhaustive_comparison(seed: int, documents: int, dimensions: int) -> None:
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(4, dimensions))
    places = np.stack([quantised(centres[n % 4] + chance.normal(size=dimensions)) for n in range(documents)])
    exact = places.astype(np.int64)
    for index, found in enumerate(nearest(places, range(documents))):
        cosines = {
            other: float(np.round(int(exact[index] @ exact[other]) / np.sqrt(lengths[0] * lengths[1]), 3))
            for other in range(documents)
            if other != index
            for lengths in [(int(exact[index] @ exact[index]), int(exact[other] @ exact[other]))]
        }
        expected = sorted(cosines, key=lambda other: (-cosines[other], other))[:NEIGHBOURS]
        assert [other for other, _ in found] == [other for other in expected if cosines[other] >= LEAST_SIMILARITY]


def test_a_part_of_the_rows_has_the_same_neighbours_as_all() -> None:
    chance = np.random.default_rng(7)
    places = np.stack([quantised(chance.normal(size=256) + 1) for _ in range(200)])
    assert nearest(places, range(0, 200, 3)) == nearest(places, range(200))[::3]
