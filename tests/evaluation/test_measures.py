from __future__ import annotations

import json
import random
from math import log2
from pathlib import Path
from statistics import fmean

import pytest

from longshore.evaluation.measures import Scores, estimate, estimates, ndcg_at, recall_at, reciprocal_rank, score

TREC_EVAL = Path(__file__).parent / "trec_eval.json"
"""Rankings with the measures that trec_eval's own code gives them (pytrec-eval-terrier 0.5.11: recall.1,10, recip_rank
and ndcg_cut.10)."""


def test_hand_made_case() -> None:
    ranked = ["a", "b", "c", "d"]
    assert recall_at(ranked, {"b", "x"}, 1) == 0
    assert recall_at(ranked, {"b", "x"}, 10) == 0.5
    assert reciprocal_rank(ranked, {"c", "d"}) == pytest.approx(1 / 3)
    assert ndcg_at(ranked, {"b", "x"}, 10) == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3)))
    assert score(["a"], {"a"}) == Scores(1, 1, 1, 1)
    assert score([], {"a"}) == Scores(0, 0, 0, 0)


@pytest.mark.parametrize("case", json.loads(TREC_EVAL.read_text()))
def test_measures_are_those_of_trec_eval(case: dict[str, list[str]]) -> None:
    found = score(case["ranked"], set(case["relevant"]))
    for name in ("recall_1", "recall_10", "mrr", "ndcg_10"):
        assert getattr(found, name) == pytest.approx(case[name], abs=1e-5), name


def test_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    few = estimate([0, 1, 1, 0, 1] * 4, seed=1)
    many = estimate([0, 1, 1, 0, 1] * 80, seed=1)
    assert few.value == many.value == 0.6
    assert few.low < many.low < 0.6 < many.high < few.high


def test_interval_is_that_of_a_bootstrap_written_otherwise() -> None:
    values = [random.Random(3).random() for _ in range(60)]
    draws = random.Random(4)
    means = sorted(fmean(draws.choices(values, k=len(values))) for _ in range(4000))
    found = estimate(values, seed=7)
    assert found.low == pytest.approx(means[100], abs=0.01)
    assert found.high == pytest.approx(means[3900], abs=0.01)


def test_equal_values_and_seed_give_equal_intervals() -> None:
    scores = [score(["a", "b"], {name}) for name in "aabbbx"]
    assert estimates(scores, seed=5) == estimates(scores, seed=5)
    assert estimates(scores, seed=5)["recall_1"].value == pytest.approx(2 / 6, abs=1e-4)
