"""`ImportWorkflow` on a real dev server whose clock can skip, with activities that do nothing but count."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from longshore.stack.namespace import ensure_namespace
from longshore.stack.temporal import find_binary
from workflows import contracts
from workflows.contracts import (
    BatchOutcome,
    BatchRef,
    CloseImport,
    ClosingRecord,
    FailBatch,
    GraphCounts,
    ImportOptions,
    ImportRef,
    ItemCounts,
    LinkBatch,
    LinkPlan,
    Plan,
    Requeued,
    Staged,
    StepOutcome,
    Submission,
)
from workflows.imports import ImportInput, ImportWorkflow

BATCH = 4
_numbers = itertools.count()


@dataclass
class Dock:
    """Stands in for the store: batches of four items, with what should go wrong set by the test."""

    batches: int = 6
    removed: int = 0
    needs_approval: bool = False
    refuse_to_plan: str | None = None
    broken: set[int] = field(default_factory=set)
    """Batches that no attempt can parse."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Parsing waits here."""
    calls: Counter[str] = field(default_factory=Counter)
    written: Counter[tuple[str, int]] = field(default_factory=Counter)
    failed: set[int] = field(default_factory=set)
    closed: list[CloseImport] = field(default_factory=list)
    seen: asyncio.Condition = field(default_factory=asyncio.Condition)

    def activities(self) -> list[Callable[..., Any]]:
        def named(function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
            async def counted(request: Any) -> Any:
                async with self.seen:
                    self.calls[function.__name__] += 1
                    self.seen.notify_all()
                return await function(request)

            counted.__annotations__ = {
                "request": _REQUESTS[function.__name__],
                "return": function.__annotations__["return"],
            }
            return activity.defn(counted, name=function.__name__)

        return [named(getattr(self, name)) for name in _REQUESTS]

    async def until(self, step: str, times: int = 1) -> None:
        """Wait until a step has been called so often."""
        async with self.seen:
            await asyncio.wait_for(self.seen.wait_for(lambda: self.calls[step] >= times), 30)

    async def open_import(self, request: Submission) -> None:
        return None

    async def stage_source(self, request: ImportRef) -> Staged:
        return Staged(manifest="0" * 64, files=3, bytes=1)

    async def plan_import(self, request: ImportRef) -> Plan:
        if self.refuse_to_plan:
            raise ApplicationError("the export is empty", type=self.refuse_to_plan, non_retryable=True)
        total = self.batches * BATCH
        return Plan(
            total=total,
            added=total,
            changed=0,
            unchanged=0,
            duplicate=0,
            removed=self.removed,
            batches=self.batches,
            retire_batches=1 if self.removed else 0,
            needs_approval=self.needs_approval,
        )

    async def parse_batch(self, request: BatchRef) -> StepOutcome:
        while not self.gate.is_set():
            activity.heartbeat()
            await asyncio.sleep(0.05)
        if request.batch in self.broken:
            raise ApplicationError("cannot be parsed", type="refused_by_store", non_retryable=True)
        return StepOutcome(items=BATCH, chunks=10, attempt=activity.info().attempt)

    async def extract_batch(self, request: BatchRef) -> StepOutcome:
        return StepOutcome(items=BATCH)

    async def embed_batch(self, request: BatchRef) -> StepOutcome:
        return StepOutcome(items=BATCH)

    async def write_batch(self, request: BatchRef) -> BatchOutcome:
        self.written[request.import_id, request.batch] += 1
        self.failed.discard(request.batch)
        return BatchOutcome(added=BATCH)

    async def retire_batch(self, request: BatchRef) -> BatchOutcome:
        return BatchOutcome(removed=self.removed)

    async def fail_batch(self, request: FailBatch) -> BatchOutcome:
        self.failed.add(request.batch.batch)
        return BatchOutcome(failed=BATCH)

    async def requeue_failed(self, request: ImportRef) -> Requeued:
        again, self.failed = len(self.failed), set()
        done = self.batches - again
        self.batches += again
        return Requeued(
            items=again * BATCH,
            batches=self.batches,
            counts=ItemCounts(total=(done + again) * BATCH, added=done * BATCH),
            attachments_failed=0,
            warnings=0,
        )

    async def plan_links(self, request: ImportRef) -> LinkPlan:
        return LinkPlan(steps=(("mentions", 2), ("sweep", 1)))

    async def link_batch(self, request: LinkBatch) -> StepOutcome:
        return StepOutcome(items=1)

    async def close_import(self, request: CloseImport) -> ClosingRecord:
        self.closed.append(request)
        state: contracts.State = "partially_succeeded" if self.failed else "succeeded"
        if request.cancelled:
            state = "cancelled"
        elif request.failure:
            state = "failed"
        return ClosingRecord(
            project=request.project,
            import_id=request.import_id,
            source_key=request.source_key,
            state=state,
            reason=request.failure,
            items=request.settled,
            graph=GraphCounts(),
            progress=request.progress,
            started_at=request.progress.started_at,
            closed_at=datetime.now(UTC),
        )


_REQUESTS: dict[str, type] = {
    "open_import": Submission,
    "stage_source": ImportRef,
    "plan_import": ImportRef,
    "parse_batch": BatchRef,
    "extract_batch": BatchRef,
    "embed_batch": BatchRef,
    "write_batch": BatchRef,
    "retire_batch": BatchRef,
    "fail_batch": FailBatch,
    "requeue_failed": ImportRef,
    "plan_links": ImportRef,
    "link_batch": LinkBatch,
    "close_import": CloseImport,
}


@pytest_asyncio.fixture(scope="session")
async def skipping() -> AsyncIterator[Client]:
    """A client of a dev server that skips time and rolls histories over early."""
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=str(find_binary()),
        dev_server_log_level="error",
        data_converter=pydantic_data_converter,
        dev_server_extra_args=[
            "--dynamic-config-value",
            "frontend.WorkflowTimeSkippingEnabled=true",
            "--dynamic-config-value",
            "limit.historyCount.suggestContinueAsNew=150",
        ],
    )
    async with environment:
        await ensure_namespace(environment.client)
        yield environment.client


@pytest.fixture
def dock() -> Dock:
    dock = Dock()
    dock.gate.set()
    return dock


Start = Callable[..., Awaitable[WorkflowHandle[ImportWorkflow, ClosingRecord]]]


@pytest_asyncio.fixture(params=[200, 0], ids=["cached", "uncached"])
async def start(skipping: Client, dock: Dock, request: pytest.FixtureRequest) -> AsyncIterator[Start]:
    """Start an import of a source of the test's own; its runs are replayed on every task when `uncached`."""
    async with AsyncExitStack() as stack:
        workflow_queue = f"imports-{next(_numbers)}"
        await stack.enter_async_context(
            Worker(
                skipping,
                task_queue=workflow_queue,
                workflows=[ImportWorkflow],
                max_cached_workflows=request.param,
                workflow_runner=SandboxedWorkflowRunner(
                    restrictions=SandboxRestrictions.default.with_passthrough_modules("workflows")
                ),
            )
        )
        for queue in (contracts.PARSE_QUEUE, contracts.EXTRACT_QUEUE, contracts.EMBED_QUEUE, contracts.GRAPH_QUEUE):
            await stack.enter_async_context(Worker(skipping, task_queue=queue, activities=dock.activities()))

        async def started(submission: Submission, workflow_id: str) -> WorkflowHandle[ImportWorkflow, ClosingRecord]:
            await skipping.start_workflow(
                ImportWorkflow.run,
                ImportInput(submission=submission),
                id=workflow_id,
                task_queue=workflow_queue,
                start_signal="submit",
                start_signal_args=[submission],
                memo={"import_id": submission.import_id, "digest": submission.digest},
            )
            return skipping.get_workflow_handle_for(ImportWorkflow.run, workflow_id)

        yield started


def submission(import_id: str, digest: str = "d1", lanes: int = 2) -> Submission:
    return Submission(
        project="shelf",
        import_id=import_id,
        source_key="zotero.shelf",
        kind="zotero",
        name="shelf",
        manifest="0" * 64,
        digest=digest,
        options=ImportOptions(lanes=lanes),
        submitted_at=datetime.now(UTC),
    )
