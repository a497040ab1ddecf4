"""What is done while somebody asks: the API is killed during a submission, and tells the truth while others are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

import httpx2
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from tests.faults.bench import Bench
from tests.faults.door import Door, open_door, reason_of
from tests.faults.invariants import check, demand
from tests.faults.kills import NAME, check_same, outcome
from tests.faults.rig import kill
from tests.faults.seams import Order
from tests.faults.trials import Outcome, Trial

_SEAMS = ("api.start.ImportWorkflow.before_call", "api.start.ImportWorkflow.after_call", "api.after_commit")
TOLD_WITHIN_S = 30.0
"""Twenty seconds without a heartbeat, which comes every five, make a worker that is not there."""


def killed_in_a_submission(bench: Bench) -> Iterable[Trial]:
    for place in _SEAMS:
        yield Trial(f"API killed at {place}", lambda place=place: _killed(bench, place))  # type: ignore[misc]


async def _killed(bench: Bench, place: str) -> Outcome:
    """The caller hears nothing, submits again with the same key, and there is one import."""
    async with bench.rig.passage() as passage:
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        async with open_door(passage, Order(place)) as door:
            try:
                answer = await door.post(submission, passage.folder.name)
            except httpx2.HTTPError:
                killed_at = time.monotonic()
            else:
                raise AssertionError(f"{place} was never crossed: the API answers {answer.text}")
            await passage.died(door.process, 10)
            await door.open_again()
            answers = [await door.post(submission, passage.folder.name) for _ in range(2)]
            demand(all(answer.status_code in (200, 202) for answer in answers), f"it answers {answers[0].text}")
            ids = {answer.json()["import"]["id"] for answer in answers}
            demand(len(ids) == 1, f"I8: one submission has become {len(ids)} imports")
            seconds = time.monotonic() - killed_at
            passage.start_worker()
            record = await passage.finish(door.handle(answers[0].json()["import"]))
            demand(record.import_id in ids, "I8: another import than the one that was promised")
            await door.until("/v1/imports", lambda shown: len(shown["imports"]) == 1, 10)
        await check_same(passage, record, bench.undisturbed)
        return Outcome(recovery_s=seconds)


def same_submission_at_once(bench: Bench) -> Iterable[Trial]:
    yield Trial("50 equal submissions at once", lambda: _at_once(bench))


async def _at_once(bench: Bench) -> Outcome:
    async with bench.rig.passage() as passage:
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        async with open_door(passage) as door:
            answers = await asyncio.gather(*(door.post(submission, passage.folder.name) for _ in range(50)))
            refused = [answer.text for answer in answers if answer.status_code not in (200, 202)]
            demand(not refused, f"I8: {len(refused)} were refused: {refused[:1]}")
            ids = {answer.json()["import"]["id"] for answer in answers}
            demand(len(ids) == 1, f"I8: 50 equal submissions have become {len(ids)} imports")
            passage.start_worker()
            record = await passage.finish(door.handle(answers[0].json()["import"]))
        await check_same(passage, record, bench.undisturbed)
        return Outcome(tries=50)


def no_worker(bench: Bench) -> Iterable[Trial]:
    yield Trial("the API says that no worker is there", lambda: _without(bench, _no_worker))


def never_a_worker(bench: Bench) -> Iterable[Trial]:
    yield Trial("handed over, and no worker for 20 s", lambda: _never_there(bench), lasts_s=35)


async def _never_there(bench: Bench) -> Outcome:
    """It is taken, the API says what it waits for, and it begins once a worker is there."""
    async with bench.rig.passage() as passage:
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        async with open_door(passage) as door:
            answer = await door.post(submission)
            demand(answer.status_code == 202, f"it answers {answer.text}")
            view = answer.json()["import"]
            path = view["links"]["self"]
            told_s = await door.until(path, lambda shown: reason_of(shown) == "no_worker", TOLD_WITHIN_S)
            await asyncio.sleep(max(0.0, 20 - told_s))  # so long is nobody there: that is what is tried
            started_at = time.monotonic()
            passage.start_worker()
            record = await passage.finish(door.handle(view))
            await door.until(path, lambda shown: shown["state"] == "succeeded", 10)
        await check_same(passage, record, bench.undisturbed)
        return replace(outcome(passage, bench.undisturbed, started_at), told_s=told_s)


def no_temporal(bench: Bench) -> Iterable[Trial]:
    yield Trial("the API says that Temporal is not there", lambda: _without(bench, _no_temporal))


def no_postgres(bench: Bench) -> Iterable[Trial]:
    yield Trial("the API says that Postgres is not there", lambda: _without(bench, _no_postgres))


async def _without(bench: Bench, take_away: Callable[[Bench, Door, str], Awaitable[float]]) -> Outcome:
    async with bench.rig.passage() as passage:
        passage.start_worker()
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        async with open_door(passage) as door:
            view = (await door.post(submission)).json()["import"]
            await passage.crossed("embed_batch.before_call")
            told_s = await take_away(bench, door, view["links"]["self"])
            record = await passage.finish(door.handle(view))
            await door.until(view["links"]["self"], lambda shown: shown["state"] == "succeeded", 10)
        await check_same(passage, record, bench.undisturbed)
        return Outcome(told_s=told_s)


async def _no_worker(bench: Bench, door: Door, path: str) -> float:
    worker = door.passage.workers[0]
    worker.kill()
    await asyncio.to_thread(worker.wait)
    seconds = await door.until(
        path, lambda shown: (shown["state"], reason_of(shown)) == ("waiting", "no_worker"), TOLD_WITHIN_S
    )
    door.passage.start_worker()
    return seconds


async def _no_temporal(bench: Bench, door: Door, path: str) -> float:
    await kill(bench.rig.temporal)
    seconds = await door.until(path, lambda shown: reason_of(shown) == "orchestrator_unavailable", 10)
    refused = await door.post(await door.passage.hand_over(bench.undisturbed.cargo, "another"))
    demand(refused.status_code == 503 and "retry-after" in refused.headers, f"I6: POST answers {refused.status_code}")
    await bench.rig.temporal.start()
    return seconds


async def _no_postgres(bench: Bench, door: Door, path: str) -> float:
    await kill(bench.rig.postgres)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(40):
            while (answer := await door.http.get("/readyz", timeout=30)).status_code != 503:
                await asyncio.sleep(0.1)
        demand("database" in answer.text, f"I15: it says {answer.text}")
        return time.monotonic() - begun
    finally:
        await bench.rig.postgres.start()


def history_gone(bench: Bench) -> Iterable[Trial]:
    yield Trial("history deleted, resource unchanged", lambda: _gone(bench))


async def _gone(bench: Bench) -> Outcome:
    async with bench.rig.passage() as passage:
        passage.start_worker()
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        async with open_door(passage) as door:
            view = (await door.post(submission, passage.folder.name)).json()["import"]
            handle = door.handle(view)
            record = await passage.finish(handle)
            before = await door.view(view["links"]["self"])
            await passage.client.workflow_service.delete_workflow_execution(
                DeleteWorkflowExecutionRequest(
                    namespace=passage.client.namespace, workflow_execution=WorkflowExecution(workflow_id=handle.id)
                )
            )
            after = await door.view(view["links"]["self"])
            demand(after == before, "it shows something else once Temporal has forgotten it")
            again = await door.post(submission, passage.folder.name)
            demand(again.json()["import"]["id"] == view["id"], "I8: the key is not known any more")
        await check(passage, record, bench.undisturbed.digests)
        return Outcome()
