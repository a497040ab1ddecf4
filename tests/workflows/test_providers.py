"""Waiting for a provider in the recipe of an import: for hours and weeks, on an engine that skips them."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from tests.workflows.conftest import Start
from tests.workflows.harbour import BATCH, PROVIDER, REQUESTS, Dock, Handle, refused, start_import, submission
from tests.workflows.test_imports import progress_when, result
from workflows.contracts import Embedding, Lacking, Submission
from workflows.imports import ImportWorkflow

ID = "zotero.shelf.a"
_ids = itertools.count()


def workflow_id() -> str:
    return f"import/shelf/provided-{next(_ids)}"


@pytest.fixture
def start(skipping: Client) -> Start:
    """On the queue whose worker keeps nothing: each wait is replayed on every task."""

    async def started(submission: Submission, workflow_id: str) -> Handle:
        return await start_import(skipping, submission, workflow_id, "uncached")

    return started


@pytest.fixture(autouse=True)
def provided(dock: Dock) -> None:
    dock.embedding = Embedding(provider=PROVIDER, price_per_million=1_000, deadline_s=60)


async def test_quota_of_the_day_is_waited_for_until_midnight_and_then_all_is_done(start: Start, dock: Dock) -> None:
    midnight = datetime.now(UTC) + timedelta(hours=9)
    dock.refusals.extend(refused(timedelta(hours=9), code="operator_action") for _ in range(3))
    record = await result(await start(submission(ID), workflow_id()))
    assert record.state == "succeeded"
    assert record.items.added == dock.batches * BATCH
    early = [at for at, _ in dock.asked if at < midnight - timedelta(minutes=1)]
    assert len(early) <= 2 * REQUESTS, "only what was under way when it refused"
    assert len(dock.asked) == dock.batches * REQUESTS + 3
    assert record.progress.tokens == dock.batches * REQUESTS * 1000


@pytest.mark.thorough
async def test_provider_that_is_away_for_weeks_is_asked_by_one_request_at_a_time(start: Start, dock: Dock) -> None:
    dock.refusals.extend(refused(timedelta(hours=6)) for _ in range(20))
    handle = await start(submission(ID, lanes=4), workflow_id())
    first = (await handle.describe()).run_id
    record = await result(handle)
    assert (await handle.describe()).run_id != first, "the wait outlasts the history of a run"
    assert record.state == "succeeded"
    assert record.items.added == dock.batches * BATCH
    assert set(dock.written.values()) == {1}
    assert dock.calls["parse_batch"] == dock.batches, "what was read is not read again"


async def test_wait_for_the_operator_ends_when_they_say_so(start: Start, dock: Dock) -> None:
    for _ in range(REQUESTS * 2):
        dock.refusals.append(refused(timedelta(days=400), code="operator_action", for_operator=True))
    handle = await start(submission(ID, lanes=1), workflow_id())
    waiting = await progress_when(handle, "waiting")
    assert waiting.reason
    assert (waiting.reason.code, waiting.reason.provider, waiting.reason.resume_at) == (
        "operator_action",
        PROVIDER,
        None,
    )
    await dock.until("embed_request", REQUESTS)
    dock.refusals.clear()
    await handle.signal(ImportWorkflow.resume, ID)
    assert (await result(handle)).state == "succeeded"
    assert [request.knock for _, request in dock.asked].count(True) == 1


async def test_import_that_waits_can_be_paused_and_cancelled(start: Start, dock: Dock) -> None:
    dock.refusals.extend(refused(timedelta(days=400), code="operator_action", for_operator=True) for _ in range(9))
    handle = await start(submission(ID, lanes=1), workflow_id())
    await progress_when(handle, "waiting")
    await handle.signal(ImportWorkflow.pause, ID)
    await progress_when(handle, "paused")
    await handle.signal(ImportWorkflow.resume, ID)
    await progress_when(handle, "waiting")
    await handle.signal(ImportWorkflow.cancel, ID)
    assert (await result(handle)).state == "cancelled"
    assert (await handle.describe()).status == WorkflowExecutionStatus.COMPLETED


async def test_operator_is_told_by_webhook_and_the_cost_is_never_passed(start: Start, dock: Dock) -> None:
    dock.webhooks = 1
    asked = submission(ID)
    capped = asked.model_copy(update={"options": asked.options.model_copy(update={"max_cost": 5.0})})
    handle = await start(capped, workflow_id())
    progress = await progress_when(handle, "waiting")
    assert (progress.cost, progress.reason and progress.reason.code) == (5.0, "cost_cap")
    async with asyncio.timeout(30):
        while ("import.waiting", "0") not in dock.told:
            await asyncio.sleep(0.05)
    for times in range(2, 5):
        await handle.signal(ImportWorkflow.resume, ID)
        progress = await progress_when(handle, "waiting" if times < 4 else "succeeded")
        assert progress.cost == min(5.0 * times, dock.batches * REQUESTS)
    assert (await result(handle)).progress.cost == dock.batches * REQUESTS


async def test_answers_that_cannot_be_used_are_asked_for_by_one_request_at_a_time(start: Start, dock: Dock) -> None:
    dock.batches, dock.useless = 2, 4 * REQUESTS + 4
    record = await result(await start(submission(ID, lanes=1), workflow_id()))
    assert record.state == "succeeded"
    times = sorted(at for at, _ in dock.asked)
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    closed = next(number for number, wait in enumerate(waits) if wait > timedelta(minutes=14))
    assert closed < 4 * REQUESTS, "four tries of each that was under way"
    assert all(wait > timedelta(minutes=14) for wait in waits[closed : 4 * REQUESTS + 3])


async def test_what_cannot_be_embedded_of_the_rest_is_left_and_told(start: Start, dock: Dock) -> None:
    dock.new_index, dock.hopeless = True, {"y"}
    record = await result(await start(submission(ID), workflow_id()))
    assert record.state == "succeeded"
    assert {(None, "x"), (None, "z")} <= dock.embedded
    [closing] = dock.closed
    assert closing.progress.without_vectors == Lacking(
        provider=PROVIDER, message="The provider sent no vectors.", passages=0
    )


async def test_a_batch_of_many_requests_is_parted_between_runs(start: Start, dock: Dock) -> None:
    dock.batches, dock.requests = 1, 100
    handle = await start(submission(ID, lanes=1), workflow_id())
    first = (await handle.describe()).run_id
    record = await result(handle)
    assert (record.state, dock.calls["parse_batch"]) == ("succeeded", 1)
    assert len(dock.asked) == len(dock.embedded) == 100, "what was asked is not asked again"
    assert (await handle.describe()).run_id != first
