"""Measures of a ranking, and how sure one may be of their means.

Definitions are those of trec_eval with judgements of yes and no: `recall_k`, `recip_rank`, `ndcg_cut_k`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

RESAMPLES = 2000
CONFIDENCE = 0.95
_DIGITS = 4
"""That are kept: the last bits of a platform's logarithm decide nothing."""


@dataclass(frozen=True)
class Estimate:
    """A mean, and the bounds that hold 95 % of the means of as many questions drawn from the same ones."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Scores:
    """Of one question."""

    recall_1: float
    recall_10: float
    mrr: float
    ndcg_10: float


MEASURES = ("recall_1", "recall_10", "mrr", "ndcg_10")


def score(ranked: Sequence[Hashable], relevant: Collection[Hashable]) -> Scores:
    """All measures of one ranking, each from 0 to 1.

    Args:
        ranked: What was found, the best first, nothing twice.
        relevant: What should have been found; at least one.
    """
    return Scores(
        recall_1=recall_at(ranked, relevant, 1),
        recall_10=recall_at(ranked, relevant, 10),
        mrr=reciprocal_rank(ranked, relevant),
        ndcg_10=ndcg_at(ranked, relevant, 10),
    )


def recall_at(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """The share of what is relevant that stands among the first k."""
    return sum(found in relevant for found in ranked[:k]) / len(relevant)


def reciprocal_rank(ranked: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """1 over the place of the first that is relevant; 0 where none was found."""
    return next((1 / place for place, found in enumerate(ranked, start=1) if found in relevant), 0.0)


def ndcg_at(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """Discounted cumulative gain of the first k, over that of the best ranking (Järvelin and Kekäläinen, 2002)."""
    gain = sum(_discount(place) for place, found in enumerate(ranked[:k], start=1) if found in relevant)
    best = sum(_discount(place) for place in range(1, min(k, len(relevant)) + 1))
    return gain / best


def estimate(values: Sequence[float], seed: int) -> Estimate:
    """The mean with its percentile bootstrap interval (Efron, 1979); equal for equal values and seed.

    Args:
        values: One for each question; at least one.
    """
    sample = np.asarray(values, dtype=np.float64)
    draws = np.random.default_rng(seed).integers(0, len(sample), size=(RESAMPLES, len(sample)))
    means = sample[draws].mean(axis=1)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Estimate(round(float(sample.mean()), _DIGITS), round(float(low), _DIGITS), round(float(high), _DIGITS))


def estimates(scores: Sequence[Scores], seed: int) -> dict[str, Estimate]:
    """By the name of the measure."""
    return {name: estimate([getattr(one, name) for one in scores], seed) for name in MEASURES}


def _discount(place: int) -> float:
    return 1 / log2(place + 1)
