"""The fan-in of variants, and what steers them: the engine is real, the steps are counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from statistics import median

import pytest
import pytest_asyncio
from temporalio.client import Client

from tests.workflows.harbour import skipping_engine
from tests.workflows.many import run
from tests.workflows.yard import Handle, QuickImport, Yard, Yards, comparison, start
from workflows.contracts.comparisons import STEPS, Board, Comparison, Retry, VariantBoard
from workflows.variants import VariantsWorkflow

QUEUE = "variants"


@pytest_asyncio.fixture(scope="module")
async def skipping() -> AsyncIterator[Client]:
    """An engine of its own: the workers of other tests in this process serve queues of the same names."""
    async with skipping_engine() as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def yards(skipping: Client) -> AsyncIterator[Yards]:
    yards = Yards()
    async with yards.serving(skipping, QUEUE):
        yield yards


@pytest.fixture
def yard(yards: Yards) -> Yard:
    yards.yard = Yard()
    return yards.yard


async def result(handle: Handle) -> Board:
    return await asyncio.wait_for(handle.result(), 60)


def states(board: Board) -> dict[str, str]:
    return {variant.name: variant.state for variant in board.variants}


def variant_of(board: Board, name: str) -> VariantBoard:
    return next(variant for variant in board.variants if variant.name == name)


async def board_when(handle: Handle, name: str, state: str) -> Board:
    deadline = asyncio.get_running_loop().time() + 30
    while True:
        board = await handle.query(VariantsWorkflow.board)
        if states(board)[name] == state:
            return board
        assert asyncio.get_running_loop().time() < deadline, board
        await asyncio.sleep(0.02)


async def test_every_variant_takes_every_step_once(skipping: Client, yard: Yard) -> None:
    board = await result(await start(skipping, QUEUE, comparison()))
    assert board.state == "succeeded"
    assert board.fraction == 1
    assert states(board) == dict.fromkeys("012", "succeeded")
    assert {yard.calls[name, step] for name in "012" for step in STEPS} == {1}
    # Questions are drawn from the first variant, whichever is imported first.
    assert {key: count for key, count in yard.calls.items() if key[1] == "draw"} == {("0", "draw"): 1}
    assert yard.closed == [board]


async def test_three_that_end_in_the_same_moment_are_never_stuck(skipping: Client, yards: Yards) -> None:
    spreads = await asyncio.gather(*(run(skipping, QUEUE, yards, 3) for _ in range(10)))
    assert median(spreads) < 0.01


async def test_many_that_end_in_the_same_moment_are_each_counted_once(skipping: Client, yards: Yards) -> None:
    await run(skipping, QUEUE, yards, 40)


@pytest.mark.parametrize("step", STEPS)
async def test_variant_that_fails_leaves_the_others_and_is_retried_from_its_step(
    skipping: Client, yard: Yard, step: str
) -> None:
    asked = comparison()
    yard.broken = {("1", step)}
    board = await result(await start(skipping, QUEUE, asked))
    assert board.state == "partially_succeeded"
    assert states(board) == {"0": "succeeded", "1": "failed", "2": "succeeded"}
    failed = [place for place in variant_of(board, "1").steps if place.state == "failed"]
    assert [(place.name, place.reason and place.reason.code) for place in failed] == [
        (step, "import_failed" if step == "import" else "broken")
    ]
    done = Counter(yard.calls)
    yard.broken = set()
    board = await result(await start(skipping, QUEUE, asked, board, Retry(variant="1")))
    assert board.state == "succeeded"
    repeated = {key: count for key, count in (yard.calls - done).items() if key[1] in STEPS}
    assert repeated == {("1", later): 1 for later in STEPS[STEPS.index(step) :]}
    assert {place.name: place.attempt for place in variant_of(board, "1").steps}[step] == 2  # type: ignore[index]


async def test_variant_is_retried_while_others_still_run(skipping: Client, yard: Yard) -> None:
    yard.broken, yard.held = {("0", "structure")}, {("2", "cost")}
    handle = await start(skipping, QUEUE, comparison())
    await board_when(handle, "0", "failed")
    yard.broken = set()
    await handle.signal(VariantsWorkflow.retry, Retry(variant="0"))
    await board_when(handle, "0", "succeeded")
    yard.held = set()
    board = await result(handle)
    assert board.state == "succeeded"
    assert (yard.calls["0", "import"], yard.calls["0", "structure"], yard.calls["1", "structure"]) == (1, 2, 1)


async def test_step_that_takes_too_long_fails_its_variant_alone(skipping: Client, yard: Yard) -> None:
    yard.held = {("1", "import"), ("2", "structure")}
    board = await result(await start(skipping, QUEUE, comparison(deadline_s=4)))
    assert states(board) == {"0": "succeeded", "1": "failed", "2": "failed"}
    reasons = [place.reason.code for name in "12" for place in variant_of(board, name).steps if place.reason]
    assert reasons == ["deadline", "deadline"]


async def test_cancelling_ends_what_runs_and_keeps_what_was_done(skipping: Client, yard: Yard) -> None:
    yard.held = {("1", "import"), ("2", "cost")}
    handle = await start(skipping, QUEUE, comparison())
    await board_when(handle, "0", "succeeded")
    await yard.until("2", "cost")
    await handle.signal(VariantsWorkflow.cancel)
    board = await result(handle)
    assert board.state == "partially_succeeded"
    assert states(board) == {"0": "succeeded", "1": "cancelled", "2": "cancelled"}


async def test_paused_comparison_begins_no_step_and_tells_its_imports(skipping: Client, yard: Yard) -> None:
    yard.held = {("0", "import")}
    asked = comparison(1)
    handle = await start(skipping, QUEUE, asked)
    await yard.until("0", "import")
    await handle.signal(VariantsWorkflow.pause)
    child = skipping.get_workflow_handle(f"import/{asked.variants[0].space}/zotero.shelf")
    await _until_heard(child.query, ["pause"])
    yard.held = set()
    async with asyncio.timeout(30):
        while (board := await handle.query(VariantsWorkflow.board)).variants[0].steps[0].state != "done":
            await asyncio.sleep(0.02)
    assert (board.state, yard.calls["0", "retrieval"]) == ("paused", 0)
    await handle.signal(VariantsWorkflow.resume)
    assert (await result(handle)).state == "succeeded"


async def test_first_that_cannot_be_imported_leaves_drawing_to_the_next(skipping: Client, yard: Yard) -> None:
    yard.broken = {("0", "import")}
    board = await result(await start(skipping, QUEUE, comparison()))
    assert states(board) == {"0": "failed", "1": "succeeded", "2": "succeeded"}
    assert yard.calls["1", "draw"] == 1


async def _until_heard(query: object, told: list[str]) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while await query(QuickImport.heard) != told:  # type: ignore[operator]
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)


def test_comparison_names_what_it_needs() -> None:
    asked = comparison()
    assert Comparison.model_validate_json(asked.model_dump_json()) == asked
