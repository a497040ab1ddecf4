"""`VariantsWorkflow` with the engine real, and imports and measures that do nothing but count."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.workflows.harbour import submission
from workflows import contracts
from workflows.contracts import ClosingRecord, GraphCounts, ItemCounts, Progress, State, Submission
from workflows.contracts.comparisons import (
    Board,
    Comparison,
    ComparisonInput,
    Drawn,
    Measured,
    OpenSpace,
    Retry,
    Variant,
    VariantRef,
)
from workflows.imports import ImportInput
from workflows.steps import HEARTBEAT_TIMEOUT
from workflows.variants import VariantsWorkflow

Handle = WorkflowHandle[VariantsWorkflow, Board]

_ids = itertools.count()
_AT_ONCE = 400


@activity.defn
async def bring_in(submission: Submission) -> State:
    raise NotImplementedError


@workflow.defn(name="ImportWorkflow")
class QuickImport:
    """Stands in for an import: one step, which ends it as the test wants."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @workflow.run
    async def run(self, start: ImportInput) -> ClosingRecord:
        submission, now = start.submission, workflow.now()
        state: State
        try:
            state = await workflow.execute_activity(
                bring_in,
                submission,
                task_queue=contracts.GRAPH_QUEUE,
                start_to_close_timeout=HEARTBEAT_TIMEOUT * 900,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
            )
        except BaseException:
            state = "cancelled"
        progress = Progress(
            import_id=submission.import_id,
            state=state,
            fraction=1,
            stages=(),
            items=ItemCounts(),
            started_at=now,
            updated_at=now,
        )
        return ClosingRecord(
            project=submission.project,
            import_id=submission.import_id,
            source_key=submission.source_key,
            state=state,
            items=ItemCounts(),
            graph=GraphCounts(),
            progress=progress,
            started_at=now,
            closed_at=now,
        )

    @workflow.signal
    def pause(self, import_id: str) -> None:
        self.told.append("pause")

    @workflow.signal
    def resume(self, import_id: str) -> None:
        self.told.append("resume")

    @workflow.query
    def heard(self) -> list[str]:
        return self.told


@dataclass
class Yard:
    """Stands in for the store, with what should go wrong set by the test. Steps are named by variant and step."""

    broken: set[tuple[str, str]] = field(default_factory=set)
    """Steps that fail, and are not worth trying again."""
    held: set[tuple[str, str]] = field(default_factory=set)
    """Steps that wait until they are let go, or cancelled."""
    together: int = 0
    """So many last steps wait for each other and then end in the same moment."""
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended_at: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    closed: list[Board] = field(default_factory=list)
    drawn: bool = False
    arrived: int = 0
    all_here: asyncio.Event = field(default_factory=asyncio.Event)
    seen: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, variant: str, step: str, times: int = 1) -> None:
        async with self.seen:
            await asyncio.wait_for(self.seen.wait_for(lambda: self.calls[variant, step] >= times), 30)

    async def step(self, variant: str, step: str) -> None:
        async with self.seen:
            self.calls[variant, step] += 1
            self.seen.notify_all()
        while (variant, step) in self.held:
            activity.heartbeat()
            await asyncio.sleep(0.02)
        if (variant, step) in self.broken:
            raise ApplicationError(f"{step} is broken", type="broken", non_retryable=True)
        if step == "cost" and self.together:
            self.arrived += 1
            if self.arrived == self.together:
                self.all_here.set()
            while not self.all_here.is_set():
                activity.heartbeat()
                await asyncio.wait([asyncio.ensure_future(self.all_here.wait())], timeout=1)
        self.ended_at[step].append(asyncio.get_running_loop().time())


@dataclass
class Yards:
    """The workers of the session; the yard changes with each test."""

    yard: Yard = field(default_factory=Yard)
    own: dict[str, Yard] = field(default_factory=dict)
    """Of comparisons that go on beside others, each with a yard of its own."""

    def of(self, comparison_id: str) -> Yard:
        return self.own.get(comparison_id, self.yard)

    @asynccontextmanager
    async def serving(self, client: Client, queue: str) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                Worker(
                    client,
                    task_queue=queue,
                    workflows=[VariantsWorkflow, QuickImport],
                    workflow_runner=UnsandboxedWorkflowRunner(),
                )
            )
            await stack.enter_async_context(
                Worker(
                    client,
                    task_queue=contracts.GRAPH_QUEUE,
                    activities=self._activities(),
                    max_concurrent_activities=_AT_ONCE,
                    max_heartbeat_throttle_interval=timedelta(seconds=0.2),
                )
            )
            yield

    def _activities(self) -> list[Callable[..., Any]]:
        @activity.defn(name="bring_in")
        async def bring_in(submission: Submission) -> State:
            comparison_id, _, variant = submission.project.partition("~")[2].rpartition("-")
            try:
                await self.of(comparison_id).step(variant, "import")
            except ApplicationError:
                return "failed"
            return "succeeded"

        @activity.defn(name="open_comparison")
        async def open_comparison(comparison: Comparison) -> None:
            self.of(comparison.comparison_id).calls["", "open"] += 1

        @activity.defn(name="open_space")
        async def open_space(request: OpenSpace) -> None:
            self.of(request.ref.comparison_id).calls[request.ref.variant, "space"] += 1

        @activity.defn(name="draw_questions")
        async def draw_questions(ref: VariantRef) -> Drawn:
            self.of(ref.comparison_id).calls[ref.variant, "draw"] += 1
            return Drawn(questions=10)

        @activity.defn(name="close_comparison")
        async def close_comparison(board: Board) -> None:
            self.of(board.comparison_id).closed.append(board)

        return [
            bring_in,
            open_comparison,
            open_space,
            draw_questions,
            close_comparison,
            *(self._measure(step) for step in ("retrieval", "structure", "cost")),
        ]

    def _measure(self, step: str) -> Callable[..., Any]:
        @activity.defn(name=f"measure_{step}")
        async def measure(ref: VariantRef) -> Measured:
            await self.of(ref.comparison_id).step(ref.variant, step)
            return Measured(attempt=activity.info().attempt)

        return measure


def comparison(variants: int = 3, deadline_s: float = 3600) -> Comparison:
    """Variants are named by their numbers."""
    comparison_id = f"c{next(_ids)}"
    return Comparison(
        project="shelf",
        comparison_id=comparison_id,
        submission=submission("zotero.shelf.compared"),
        variants=tuple(
            Variant(name=str(number), space=f"shelf~{comparison_id}-{number}") for number in range(variants)
        ),
        step_deadline_s=deadline_s,
    )


async def start(
    client: Client, queue: str, asked: Comparison, board: Board | None = None, retry: Retry | None = None
) -> Handle:
    """
    Args:
        board: Of a comparison that had closed, to take a variant of it up again.
    """
    return await client.start_workflow(
        VariantsWorkflow.run,
        ComparisonInput(comparison=asked, board=board),
        id=f"comparison/{asked.project}/{asked.comparison_id}",
        task_queue=queue,
        start_signal="retry" if retry else None,
        start_signal_args=[retry] if retry else [],
    )
