"""A part of the matrix: a worker and its successors fail at one seam after the other. `make faults` tries them all."""

from __future__ import annotations

import pytest

from tests.faults.bench import Bench
from tests.faults.kills import fail_at, kill_at
from tests.faults.seams import Order

ORDERS = (
    "open_import.before_call:1:kill",
    "plan_import.before_commit:1:kill",
    "parse_batch.parser.after_call:10:kill",
    "write_batch.after_commit:1:kill",
    "close_import.before_return:1:kill",
)


async def test_an_import_survives_one_killed_worker_after_the_other(bench: Bench) -> None:
    await fail_at(bench.rig, bench.undisturbed, [Order.parse(order) for order in ORDERS])


@pytest.mark.parametrize("place", ["write_batch.after_commit", "close_import.before_return"])
async def test_what_is_done_and_not_heard_of_is_not_done_twice(bench: Bench, place: str) -> None:
    await kill_at(bench.rig, bench.undisturbed, Order(place, 1, "lose"))


async def test_a_place_that_is_never_crossed_is_no_success(bench: Bench) -> None:
    with pytest.raises(AssertionError, match="never crossed"):
        await kill_at(bench.rig, bench.undisturbed, Order("write_batch.before_dawn"))
