"""What operators see of an import: details in the Web UI, its state as a search attribute, a snapshot in the memo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from workflows.contracts import Progress, State, Submission
from workflows.ledger import STAGES

STATE_ATTRIBUTE = SearchAttributeKey.for_keyword("LongshoreState")
KIND_ATTRIBUTE = SearchAttributeKey.for_keyword("LongshoreKind")
PROJECT_ATTRIBUTE = SearchAttributeKey.for_keyword("LongshoreProject")

_SNAPSHOT_EVERY = timedelta(seconds=30)
_SNAPSHOT_STEP = 0.05


class Showing:
    """Details cost nothing and are set each time; attributes and memo cost an event each, and wait until it matters."""

    def __init__(self) -> None:
        self._standing: str | None = None
        self._snapshot_at: datetime | None = None
        self._snapshot_fraction = 0.0

    def show(self, progress: Progress, follow_up: dict[str, Any] | None, force: bool) -> None:
        """Tell operators where the import stands; called from the workflow only.

        Args:
            force: Write the memo whether or not much has changed.
        """
        workflow.set_current_details(_table(progress))
        if self._standing != (standing := _standing(progress)):
            self._standing = standing
            workflow.upsert_search_attributes([STATE_ATTRIBUTE.value_set(standing)])
        now = workflow.now()
        due = self._snapshot_at is None or now - self._snapshot_at >= _SNAPSHOT_EVERY
        if force or due or progress.fraction - self._snapshot_fraction >= _SNAPSHOT_STEP:
            self._snapshot_at, self._snapshot_fraction = now, progress.fraction
            workflow.upsert_memo({"snapshot": progress.model_dump(mode="json"), "follow_up": follow_up})


def _standing(progress: Progress) -> str:
    """The state; of a wait also why, which provider is waited for and until when: `waiting:CODE:PROVIDER:UNTIL`."""
    reason = progress.reason
    if progress.state != "waiting" or reason is None or not workflow.patched("tell-waits"):
        return progress.state
    until = reason.resume_at.astimezone(UTC).isoformat(timespec="seconds") if reason.resume_at else None
    return ":".join(part for part in (progress.state, reason.code, reason.provider, until) if part)


def memo_of(submission: Submission) -> dict[str, Any]:
    """The memo of a run that brings a submission in, before it has shown anything."""
    return {
        "import_id": submission.import_id,
        "digest": submission.digest,
        "submission": submission.model_dump(mode="json"),
    }


def attributes_of(submission: Submission, state: State) -> TypedSearchAttributes:
    """What a run is found by, before it has shown anything."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(STATE_ATTRIBUTE, state),
            SearchAttributePair(KIND_ATTRIBUTE, submission.kind),
            SearchAttributePair(PROJECT_ATTRIBUTE, submission.project),
        ]
    )


def _table(progress: Progress) -> str:
    lines = [f"**{progress.state}** {progress.fraction:.0%}", "", "| stage | done | of | |", "|---|---|---|---|"]
    lines += [
        f"| {stage.name} | {stage.done} | {'?' if stage.total is None else stage.total} | {STAGES[stage.name][0]} |"
        for stage in progress.stages
        if stage.state != "pending"
    ]
    if progress.reason:
        lines += ["", progress.reason.message]
    return "\n".join(lines)
