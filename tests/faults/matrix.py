"""The fault matrix, F01 to F69: each is tried, or it is said why not."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults import kills
from tests.faults.bench import Bench
from tests.faults.seams import Order
from tests.faults.trials import Fault, Trial


def every_kill(bench: Bench) -> Iterable[Trial]:
    for order in kills.every_place(bench.undisturbed):
        yield kills.trial(bench.rig, bench.undisturbed, order)


def every_lost_commit(bench: Bench) -> Iterable[Trial]:
    for place in sorted(bench.undisturbed.counts):
        if place.endswith((".after_commit", ".before_return")):
            yield kills.trial(bench.rig, bench.undisturbed, Order(place, 1, "lose"))


MATRIX = (
    Fault("F01", "a worker is killed at a seam", [every_kill]),
    Fault("F21", "a step or a commit is done, and its answer is lost", [every_lost_commit]),
)
