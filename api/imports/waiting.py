"""Why an import is not simply running, as far as Temporal can tell without a worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from api.imports.schemas import LastError
from api.run import PendingStep, Run
from workflows.contracts import Reason, State
from workflows.ledger import PROVIDER_REASONS

_ABSENT = timedelta(seconds=20)
_FAILING_TASK_ATTEMPT = 3
_RETRY = "retry_backoff"

ORCHESTRATOR_UNAVAILABLE = Reason(
    code="orchestrator_unavailable",
    message="Temporal does not answer. The import goes on where it stopped once it is back.",
)
ENGINE_LOST = Reason(
    code="engine_lost",
    message="Temporal's database was lost, or put back to an earlier state. The import is about to be submitted again.",
)
DATABASE_UNAVAILABLE = Reason(code="database_unavailable", message="The database does not answer.")


def waiting(run: Run, state: State, reason: Reason | None) -> tuple[State, Reason | None]:
    """State and reason, corrected for what the workflow cannot know: steps between two attempts, its own code failing.

    Such retries are in neither the history nor the state of the workflow.
    """
    if run.task_attempt >= _FAILING_TASK_ATTEMPT:
        message = "The workflow's own code fails and is tried again; Temporal's UI shows the error."
        return "waiting", Reason(code="workflow_task_failing", message=message)
    if state == "running" and run.steps and all(_between_attempts(step) for step in run.steps):
        return "waiting", _backoff(run.steps)
    return state, reason


def without_answer(state: State, reason: Reason | None, seen_at: datetime | None) -> tuple[State, Reason]:
    """State and reason of an import whose workflow did not answer its query.

    What it waits for by its own word, it still waits for. A step that is to be tried again needs a worker first.

    Args:
        seen_at: When a worker was last heard of.
    """
    absent = seen_at is None or datetime.now(UTC) - seen_at > _ABSENT
    if reason and state in ("paused", "waiting") and not (absent and reason.code == _RETRY):
        return state, reason
    if not absent:
        message = "The worker has not answered in time; it may be starting or busy."
        return state, Reason(code="worker_unresponsive", message=message)
    seen = f"the last was heard of at {seen_at:%Y-%m-%d %H:%M:%S} UTC" if seen_at else "none was heard of lately"
    message = f"No worker is at work; {seen}. The import goes on once one is."
    return ("waiting" if state == "running" else state), Reason(code="no_worker", message=message)


def last_error(run: Run) -> LastError | None:
    """The newest failure among the steps that are being tried again."""
    failures = [step.last_failure for step in run.steps if step.last_failure]
    if not failures:
        return None
    newest = max(failures, key=lambda failure: failure.at.timestamp() if failure.at else 0.0)
    return LastError(type=newest.type, message=newest.message, at=newest.at)


def _between_attempts(step: PendingStep) -> bool:
    return not step.started and step.attempt > 1


def _backoff(steps: Sequence[PendingStep]) -> Reason:
    def due(step: PendingStep) -> float:
        return step.next_attempt_at.timestamp() if step.next_attempt_at else float("inf")

    first = min(steps, key=due)
    if first.last_failure and first.last_failure.type in PROVIDER_REASONS:
        return Reason(code=first.last_failure.type, message=first.last_failure.message, resume_at=first.next_attempt_at)
    cause = first.last_failure.message if first.last_failure else "it failed"
    message = f"{first.name} is tried again (attempt {first.attempt}): {cause}"
    return Reason(code=_RETRY, message=message, resume_at=first.next_attempt_at)
