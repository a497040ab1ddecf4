"""A part of the matrix, which `make faults` tries whole."""

from __future__ import annotations

import pytest

from tests.faults.bench import Bench
from tests.faults.kills import fail_at, kill_at
from tests.faults.seams import Order
from tests.faults.wires import commits_cut_off

pytestmark = pytest.mark.timeout(300)
ORDERS = (
    "open_import.before_call:1:kill",
    "plan_import.before_commit:1:kill",
    "parse_batch.parser.after_call:10:kill",
    "write_batch.after_commit:2:kill",
    "close_import.before_return:1:lose",
)


async def test_an_import_survives_one_failing_worker_after_the_other(bench: Bench) -> None:
    await fail_at(bench.rig, bench.undisturbed, [Order.parse(order) for order in ORDERS])


@pytest.mark.thorough
async def test_a_place_that_is_never_crossed_is_no_success(bench: Bench) -> None:
    with pytest.raises(AssertionError, match="never crossed"):
        await kill_at(bench.rig, bench.undisturbed, Order("write_batch.before_dawn"))


@pytest.mark.thorough
async def test_commits_whose_answer_never_arrives_are_not_done_twice(bench: Bench) -> None:
    cut_off, *_ = commits_cut_off(bench)
    await cut_off.run()
