"""The runs, and what is measured of each."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError

from bench.plain import PlainResult
from bench.program import Program, children_cpu_s, program
from bench.stand import ImportHandle, Stand
from workflows.contracts import ClosingRecord, Progress, Submission
from workflows.imports import ImportWorkflow

_KILLED_AT = 0.3
"""Of the items parsed."""
_ASKED_EVERY_S = 0.05
_ANSWER_WITHIN = timedelta(seconds=1)


@dataclass(frozen=True)
class Run:
    """One import. Seconds count from submission to the closing record; CPU and memory include start and stop."""

    record: ClosingRecord
    seconds: float
    cpu_s: float
    peak_bytes: int
    temporal_cpu_s: float
    digest: str


@dataclass(frozen=True)
class Recovery:
    """Seconds from `kill -9` of the worker until a new one answers, and until it has completed a step as well."""

    answered_s: float
    progressed_s: float
    record: ClosingRecord
    digest: str


@dataclass(frozen=True)
class Twice:
    """The first import of a source, and the same again."""

    first: ClosingRecord
    first_s: float
    again: ClosingRecord
    again_s: float
    peak_bytes: int


async def durable(stand: Stand, submission: Submission) -> Run:
    database = await stand.fresh_database()
    cpu, temporal_cpu = children_cpu_s(), stand.temporal_cpu_s()
    async with _worker(stand, "worker", database) as worker:
        await worker.said("worker started")
        record, seconds = await _import(stand, submission)
    return Run(
        record,
        seconds,
        children_cpu_s() - cpu,
        worker.peak_bytes,
        stand.temporal_cpu_s() - temporal_cpu,
        await stand.digest(database),
    )


async def plain(stand: Stand, submission: Submission) -> Run:
    database = await stand.fresh_database()
    submitted, result = stand.home / "submission.json", stand.home / "result.json"
    submitted.write_text(submission.model_dump_json())
    cpu, temporal_cpu = children_cpu_s(), stand.temporal_cpu_s()
    async with _worker(stand, "bench.plain", database, submitted, result) as script:
        await script.succeeded()
    done = PlainResult.model_validate_json(result.read_bytes())
    return Run(
        done.record,
        done.seconds,
        children_cpu_s() - cpu,
        script.peak_bytes,
        stand.temporal_cpu_s() - temporal_cpu,
        await stand.digest(database),
    )


async def recovery(stand: Stand, submission: Submission) -> Recovery:
    """Kill the worker in the middle, start a new one at once, as the supervisor does, and let it finish."""
    database = await stand.fresh_database()
    async with _worker(stand, "worker", database) as worker:
        await worker.said("worker started")
        handle = await stand.submit(submission)
        while not await _is_under_way(handle):
            await asyncio.sleep(_ASKED_EVERY_S)
        killed = datetime.now(UTC)
        worker.kill()
    async with _worker(stand, "worker", database) as worker:
        await _progress(handle)
        answered = datetime.now(UTC)
        record = await handle.result()
    progressed = max(answered, await _first_step(handle, worker.pid))
    return Recovery(
        (answered - killed).total_seconds(),
        (progressed - killed).total_seconds(),
        record,
        await stand.digest(database),
    )


async def twice(stand: Stand, submission: Submission, module: str = "worker") -> Twice:
    """Args: module: What works, as `python -m` runs it."""
    database = await stand.fresh_database()
    again = submission.model_copy(update={"import_id": f"{submission.source_key}.2"})
    async with _worker(stand, module, database) as worker:
        await worker.said("worker started")
        first, second = await _import(stand, submission), await _import(stand, again)
    return Twice(*first, *second, worker.peak_bytes)


async def _import(stand: Stand, submission: Submission) -> tuple[ClosingRecord, float]:
    began = perf_counter()
    record = await (await stand.submit(submission)).result()
    return record, perf_counter() - began


async def _is_under_way(handle: ImportHandle) -> bool:
    progress = await _progress(handle)
    parsed = next(stage.done for stage in progress.stages if stage.name == "parse")
    return parsed >= _KILLED_AT * progress.items.total > 0


async def _progress(handle: ImportHandle) -> Progress:
    """The next answer, however long that takes."""
    while True:
        try:
            return await handle.query(ImportWorkflow.progress, rpc_timeout=_ANSWER_WITHIN)
        except (RPCError, WorkflowQueryFailedError):
            await asyncio.sleep(_ASKED_EVERY_S)


async def _first_step(handle: ImportHandle, worker_pid: int) -> datetime:
    """When a worker completed its first step. The engine's own record tells it from what an earlier one left."""
    async for event in handle.fetch_history_events():
        if event.activity_task_completed_event_attributes.identity.startswith(f"{worker_pid}@"):
            return event.event_time.ToDatetime(UTC)
    raise LookupError(f"worker {worker_pid} completed nothing")


def _worker(stand: Stand, module: str, database_url: str, *arguments: Path) -> AbstractAsyncContextManager[Program]:
    return program(module, *map(str, arguments), env=stand.environment(database_url), log=stand.log)
