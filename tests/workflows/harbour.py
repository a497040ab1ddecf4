"""`ImportWorkflow` with activities that do nothing but count."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

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
    BatchPassages,
    BatchRef,
    Closed,
    CloseImport,
    ClosingRecord,
    Delivery,
    EmbedAnswer,
    Embedding,
    EmbedPlan,
    EmbedRequest,
    EmbedSlice,
    ExtractAnswer,
    Extraction,
    ExtractPassage,
    ExtractPlan,
    ExtractRequest,
    FailBatch,
    GraphCounts,
    ImportOptions,
    ImportRef,
    ItemCounts,
    LinkBatch,
    LinkPlan,
    Opened,
    Plan,
    Refused,
    Requeued,
    RestRef,
    Staged,
    StepOutcome,
    Submission,
    Telling,
    Unanswered,
)
from workflows.imports import ImportInput, ImportWorkflow
from workflows.webhooks import WebhooksWorkflow

BATCH = 4
REQUESTS = 3
"""That a provider's embedder takes for a batch."""
PROVIDER = "embedding.fake"
READER = "extraction.fake"
SPARE = "extraction.spare"
"""The fallback of the reader."""
CACHED = {"cached": 200, "uncached": 0}
"""Queues of the workflow, and how many runs their workers keep in memory."""
_ACTIVITY_QUEUES = (
    contracts.PARSE_QUEUE,
    contracts.EXTRACT_QUEUE,
    contracts.EMBED_QUEUE,
    contracts.GRAPH_QUEUE,
    contracts.WEBHOOK_QUEUE,
    contracts.provider_queue(PROVIDER),
    contracts.provider_queue(READER),
    contracts.provider_queue(SPARE),
)

Handle = WorkflowHandle[ImportWorkflow, ClosingRecord]


@dataclass
class Dock:
    """Stands in for the store: batches of four items, with what should go wrong set by the test."""

    batches: int = 6
    embedding: Embedding | None = None
    extraction: Extraction | None = None
    declined: set[str] = field(default_factory=set)
    """Passages that the language model does not answer."""
    answered: set[str] = field(default_factory=set)
    given_up: list[str] = field(default_factory=list)
    refusals: deque[Refused] = field(default_factory=deque)
    """What the provider answers first."""
    spare_refusals: deque[Refused] = field(default_factory=deque)
    """And what its fallback does."""
    stood_in: set[str] = field(default_factory=set)
    """Passages that the fallback has answered."""
    requests: int = REQUESTS
    """That a batch takes."""
    useless: int = 0
    """Requests that the provider answers with what cannot be used, before all others."""
    hopeless: set[str] = field(default_factory=set)
    """Requests that it always answers so."""
    new_index: bool = False
    embedded: set[tuple[int | None, str]] = field(default_factory=set)
    asked: list[tuple[datetime, EmbedRequest]] = field(default_factory=list)
    """Requests by the engine's clock, also those that were refused."""
    removed: int = 0
    needs_approval: bool = False
    refuse_to_plan: str | None = None
    extracted_otherwise: int = 0
    """Texts that only another extractor has searched."""
    webhooks: int = 0
    receiver_down_for: int = 0
    """Attempts that a receiver of webhooks refuses."""
    told: list[tuple[str, str]] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    """Batches that no attempt can parse."""
    read_otherwise: set[int] = field(default_factory=set)
    """Batches that another version of the worker has parsed."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Parsing waits here."""
    slow_to_close: bool = False
    """Closing waits there too."""
    deaf: bool = False
    """Parsing does not hear that it was cancelled."""
    calls: Counter[str] = field(default_factory=Counter)
    written: Counter[tuple[str, int]] = field(default_factory=Counter)
    failed: set[int] = field(default_factory=set)
    closed: list[CloseImport] = field(default_factory=list)
    seen: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, step: str, times: int = 1) -> None:
        """Wait until a step has been called so often."""
        async with self.seen:
            await asyncio.wait_for(self.seen.wait_for(lambda: self.calls[step] >= times), 30)

    async def open_import(self, request: Submission) -> Opened:
        new_facts = self.extraction is not None
        return Opened(
            webhooks=self.webhooks,
            embedding=self.embedding,
            extraction=self.extraction,
            new_facts=new_facts,
            new_index=self.new_index,
        )

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
            if not self.deaf:
                activity.heartbeat()
            await asyncio.sleep(0.05)
        if request.batch in self.broken:
            raise ApplicationError("cannot be parsed", type="refused_by_store", non_retryable=True)
        return StepOutcome(items=BATCH, chunks=10, attempt=activity.info().attempt)

    async def extract_batch(self, request: BatchRef) -> StepOutcome:
        return StepOutcome(items=BATCH)

    async def extract_again(self, request: ImportRef) -> StepOutcome:
        found, self.extracted_otherwise = min(self.extracted_otherwise, BATCH), max(self.extracted_otherwise - BATCH, 0)
        return StepOutcome(items=found)

    async def embed_batch(self, request: BatchRef) -> StepOutcome:
        return StepOutcome(items=BATCH)

    async def plan_embedding(self, request: BatchRef) -> EmbedPlan:
        left = [str(number) for number in range(self.requests) if (request.batch, str(number)) not in self.embedded]
        slices = tuple(EmbedSlice(first=number, last=number, tokens=1000) for number in left)
        return EmbedPlan(items=BATCH, slices=slices)

    async def plan_rest(self, request: RestRef) -> EmbedPlan:
        left = [] if request.after else [EmbedSlice(first=name, last=name, tokens=1000) for name in ("x", "y", "z")]
        return EmbedPlan(items=0, slices=tuple(left))

    async def embed_request(self, request: EmbedRequest) -> EmbedAnswer:
        self.asked.append((activity.info().current_attempt_scheduled_time, request))
        if self.refusals:
            return EmbedAnswer(refused=self.refusals.popleft())
        self.useless -= 1
        if self.useless >= 0 or request.slice.first in self.hopeless:
            return EmbedAnswer(bad="The provider sent no vectors.")
        self.embedded.add((request.batch, request.slice.first))
        return EmbedAnswer(tokens=1000, cost=1.0)

    async def plan_extraction(self, request: BatchPassages) -> ExtractPlan:
        passages = (f"{request.batch}.{number}" for number in range(REQUESTS))
        settled = self.answered | set(self.given_up)
        return ExtractPlan(
            passages=tuple(
                ExtractPassage(passage=passage, tokens=500) for passage in passages if passage not in settled
            )
        )

    async def plan_extraction_rest(self, request: RestRef) -> ExtractPlan:
        left = () if request.after else (ExtractPassage(passage="rest", tokens=500),)
        return ExtractPlan(passages=left)

    async def extract_request(self, request: ExtractRequest) -> ExtractAnswer:
        refusals = self.spare_refusals if request.instead_of else self.refusals
        if refusals:
            return ExtractAnswer(refused=refusals.popleft())
        if request.passage in self.declined:
            return ExtractAnswer(bad="The model declined.")
        self.answered.add(request.passage)
        if request.instead_of:
            self.stood_in.add(request.passage)
        return ExtractAnswer(tokens=600, cost=1.0, passages=int(request.instead_of is not None))

    async def give_up_passage(self, request: Unanswered) -> None:
        self.given_up.append(request.request.passage)

    async def write_batch(self, request: BatchRef) -> BatchOutcome:
        if request.batch in self.read_otherwise:
            self.read_otherwise.discard(request.batch)
            raise ApplicationError("read by another parser", type="texts_unread", non_retryable=True)
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

    async def close_import(self, request: CloseImport) -> Closed:
        self.closed.append(request)
        while self.slow_to_close and not self.gate.is_set():
            activity.heartbeat()
            await asyncio.sleep(0.05)
        state: contracts.State = "partially_succeeded" if self.failed else "succeeded"
        if request.cancelled:
            state = "cancelled"
        elif request.failure:
            state = "failed"
        record = ClosingRecord(
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
        return Closed(record=record, webhooks=self.webhooks)

    async def choose_webhooks(self, request: Telling) -> list[str]:
        return [str(number) for number in range(self.webhooks)]

    async def deliver_webhook(self, request: Delivery) -> None:
        attempt = activity.info().attempt
        if attempt <= self.receiver_down_for:
            raise ApplicationError("the receiver answered 503", type="webhook_refused")
        self.told.append((request.telling.event, request.webhook_id))


_STEPS: dict[str, tuple[Any, Any]] = {
    "open_import": (Submission, Opened),
    "stage_source": (ImportRef, Staged),
    "plan_import": (ImportRef, Plan),
    "parse_batch": (BatchRef, StepOutcome),
    "extract_batch": (BatchRef, StepOutcome),
    "extract_again": (ImportRef, StepOutcome),
    "embed_batch": (BatchRef, StepOutcome),
    "plan_embedding": (BatchRef, EmbedPlan),
    "plan_rest": (RestRef, EmbedPlan),
    "embed_request": (EmbedRequest, EmbedAnswer),
    "plan_extraction": (BatchPassages, ExtractPlan),
    "plan_extraction_rest": (RestRef, ExtractPlan),
    "extract_request": (ExtractRequest, ExtractAnswer),
    "give_up_passage": (Unanswered, None),
    "write_batch": (BatchRef, BatchOutcome),
    "retire_batch": (BatchRef, BatchOutcome),
    "fail_batch": (FailBatch, BatchOutcome),
    "requeue_failed": (ImportRef, Requeued),
    "plan_links": (ImportRef, LinkPlan),
    "link_batch": (LinkBatch, StepOutcome),
    "close_import": (CloseImport, Closed),
    "choose_webhooks": (Telling, list[str]),
    "deliver_webhook": (Delivery, None),
}


@dataclass
class Harbour:
    """The workers of the session; the dock changes with each test."""

    dock: Dock = field(default_factory=Dock)

    @asynccontextmanager
    async def serving(self, client: Client) -> AsyncIterator[None]:
        """Workers of all queues, until the block ends."""
        restrictions = SandboxRestrictions.default.with_passthrough_modules("workflows")
        async with AsyncExitStack() as stack:
            for queue, cached in CACHED.items():
                await stack.enter_async_context(
                    Worker(
                        client,
                        task_queue=queue,
                        workflows=[ImportWorkflow, WebhooksWorkflow],
                        max_cached_workflows=cached,
                        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
                    )
                )
            for queue in _ACTIVITY_QUEUES:
                await stack.enter_async_context(Worker(client, task_queue=queue, activities=self._activities()))
            yield

    def _activities(self) -> list[Callable[..., Any]]:
        return [self._activity(name, request, answer) for name, (request, answer) in _STEPS.items()]

    def _activity(self, name: str, request_type: Any, answer_type: Any) -> Callable[..., Any]:
        async def step(request: Any) -> Any:
            dock = self.dock
            async with dock.seen:
                dock.calls[name] += 1
                dock.seen.notify_all()
            return await getattr(dock, name)(request)

        step.__annotations__ = {"request": request_type, "return": answer_type}
        return activity.defn(name=name)(step)


@asynccontextmanager
async def skipping_engine() -> AsyncIterator[Client]:
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


async def start_import(client: Client, submission: Submission, workflow_id: str, queue: str) -> Handle:
    await client.start_workflow(
        ImportWorkflow.run,
        ImportInput(submission=submission),
        id=workflow_id,
        task_queue=queue,
        start_signal="submit",
        start_signal_args=[submission],
        memo={"import_id": submission.import_id, "digest": submission.digest},
    )
    return client.get_workflow_handle_for(ImportWorkflow.run, workflow_id)


def refused(
    after: timedelta, code: str = "provider_unavailable", for_operator: bool = False, lasting: bool = False
) -> Refused:
    return Refused(
        code=code,
        message="The provider refuses.",
        resume_at=datetime.now(UTC) + after,
        for_operator=for_operator,
        lasting=lasting,
        provider=PROVIDER,
    )


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
