"""How each activity is run: its queue, its time limits and its retries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError
from temporalio.workflow import ActivityCancellationType

from workflows import contracts
from workflows.contracts import Reason, comparisons

Request = TypeVar("Request")
Answer = TypeVar("Answer")

HEARTBEAT_TIMEOUT = timedelta(seconds=4)
_SLOW_HEARTBEAT = timedelta(seconds=12)
"""Of what never ends: each beat is a write on the server, also where nothing else happens all night."""

_STORING = timedelta(seconds=60)

_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=30))
"""Attempts are not counted: each kill and each deploy takes one. What cannot succeed says so by not being retryable."""


@dataclass(frozen=True)
class _Run:
    queue: str
    start_to_close: timedelta
    heartbeat: timedelta = HEARTBEAT_TIMEOUT


_RUNS: dict[Callable[..., Any], _Run] = {
    contracts.open_import: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    contracts.stage_source: _Run(contracts.PARSE_QUEUE, timedelta(hours=2)),
    contracts.plan_import: _Run(contracts.GRAPH_QUEUE, timedelta(hours=2)),
    contracts.parse_batch: _Run(contracts.PARSE_QUEUE, timedelta(hours=2)),
    contracts.extract_batch: _Run(contracts.EXTRACT_QUEUE, timedelta(minutes=30)),
    contracts.extract_again: _Run(contracts.EXTRACT_QUEUE, timedelta(minutes=30)),
    contracts.embed_batch: _Run(contracts.EMBED_QUEUE, timedelta(minutes=30)),
    contracts.plan_embedding: _Run(contracts.EMBED_QUEUE, timedelta(minutes=10)),
    contracts.plan_rest: _Run(contracts.EMBED_QUEUE, timedelta(minutes=10)),
    contracts.embed_rest: _Run(contracts.EMBED_QUEUE, timedelta(hours=6)),
    contracts.plan_extraction: _Run(contracts.EXTRACT_QUEUE, timedelta(minutes=10)),
    contracts.plan_extraction_rest: _Run(contracts.EXTRACT_QUEUE, timedelta(minutes=10)),
    contracts.give_up_passage: _Run(contracts.EXTRACT_QUEUE, timedelta(minutes=2)),
    contracts.write_batch: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=10)),
    contracts.retire_batch: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=10)),
    contracts.fail_batch: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    contracts.requeue_failed: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    contracts.plan_links: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    contracts.link_batch: _Run(contracts.GRAPH_QUEUE, timedelta(hours=1)),
    contracts.close_import: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=30)),
    contracts.choose_webhooks: _Run(contracts.WEBHOOK_QUEUE, timedelta(minutes=2)),
    contracts.begin_deletion: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    contracts.count_open_imports: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    contracts.delete_rows: _Run(contracts.GRAPH_QUEUE, timedelta(hours=6)),
    contracts.delete_blobs: _Run(contracts.GRAPH_QUEUE, timedelta(hours=6)),
    contracts.preview_import: _Run(contracts.PARSE_QUEUE, timedelta(hours=2)),
    contracts.submit_rescan: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    comparisons.open_comparison: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    comparisons.open_space: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    comparisons.draw_questions: _Run(contracts.GRAPH_QUEUE, timedelta(hours=1)),
    comparisons.measure_retrieval: _Run(contracts.GRAPH_QUEUE, timedelta(hours=6)),
    comparisons.measure_structure: _Run(contracts.GRAPH_QUEUE, timedelta(hours=1)),
    comparisons.measure_cost: _Run(contracts.GRAPH_QUEUE, timedelta(hours=1)),
    comparisons.close_comparison: _Run(contracts.GRAPH_QUEUE, timedelta(minutes=2)),
    comparisons.promote_variant: _Run(contracts.GRAPH_QUEUE, timedelta(hours=2)),
    contracts.settle_imports: _Run(contracts.SWEEP_QUEUE, timedelta(hours=2), _SLOW_HEARTBEAT),
    contracts.collect_blobs: _Run(contracts.SWEEP_QUEUE, timedelta(hours=6)),
}


async def run_step(step: Callable[[Request], Awaitable[Answer]], request: Request, *, summary: str) -> Answer:
    """Run an activity until it has succeeded, or has failed in a way that trying again cannot mend."""
    run = _RUNS[step]
    return await workflow.execute_activity(
        step,
        request,
        task_queue=run.queue,
        start_to_close_timeout=run.start_to_close,
        heartbeat_timeout=run.heartbeat,
        retry_policy=_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


async def run_request(
    step: Callable[[Request], Awaitable[Answer]],
    request: Request,
    *,
    provider: str,
    deadline_s: float,
    project: str,
    summary: str,
) -> Answer:
    """Run an activity that makes one request to a provider, on the provider's own queue.

    Args:
        deadline_s: Of the request itself; storing its answer takes some time more.
        project: Projects share the queue fairly.
    """
    return await workflow.execute_activity(
        step,
        request,
        task_queue=contracts.provider_queue(provider),
        start_to_close_timeout=timedelta(seconds=deadline_s) + _STORING,
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        retry_policy=_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        # Spaces beside a project share its part; the key may have 64 bytes.
        priority=Priority(fairness_key=project.partition("~")[0]),
        summary=summary,
    )


def explain(error: ActivityError | ChildWorkflowError) -> Reason:
    """Why a step ended without a result."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return Reason(code=cause.type or "error", message=cause.message)
    return Reason(code=type(cause).__name__ if cause else "error", message=str(cause or error))
