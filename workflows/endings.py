"""How an import ended that was ended from outside: what its record says, and who is told.

Whoever finds such an import asks this module, so that all say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows.contracts import (
    WORKFLOW_QUEUE,
    ClosingRecord,
    GraphCounts,
    ImportRef,
    ItemCounts,
    Progress,
    Reason,
    Telling,
)
from workflows.webhooks import WebhooksWorkflow

_REASONS: Mapping[WorkflowExecutionStatus | None, Reason] = {
    WorkflowExecutionStatus.TERMINATED: Reason(
        code="terminated", message="The workflow was terminated from outside before it could close the import."
    ),
    WorkflowExecutionStatus.TIMED_OUT: Reason(
        code="timed_out", message="The workflow ran into its time limit before it could close the import."
    ),
    WorkflowExecutionStatus.FAILED: Reason(
        code="workflow_failed", message="The workflow failed before it could close the import; Temporal's UI shows why."
    ),
    WorkflowExecutionStatus.CANCELED: Reason(
        code="cancelled_from_outside", message="The workflow was cancelled from outside before it could close."
    ),
}
_LOST = (
    "Temporal's database was lost, or put back to an earlier state, while this import ran. What it had done is kept."
)
_NO_RECORD = Reason(code="no_closing_record", message="Its run ended without a closing record.")


@dataclass(frozen=True)
class Ending:
    """The end of an import's run, as Temporal knows it; with the defaults, of one that it knows nothing of."""

    run_id: str = ""
    status: WorkflowExecutionStatus | None = None
    closed_at: datetime | None = None
    snapshot: Progress | None = None
    """The last one that the import left in the memo."""
    lost: bool = False
    """Whether the run is gone with what Temporal has lost."""
    again: str | None = None
    """The import as which a lost one was submitted again."""

    @property
    def reason(self) -> Reason:
        if self.lost:
            following = f"The rest is import {self.again}." if self.again else "Import the source again for the rest."
            return Reason(code="engine_lost", message=f"{_LOST} {following}")
        return _REASONS.get(self.status, _NO_RECORD)


def ended_record(
    ref: ImportRef,
    ending: Ending,
    opened_at: datetime,
    items: Mapping[str, int],
    attachments: Mapping[str, int],
    graph: Mapping[str, int],
) -> dict[str, Any]:
    """The closing record that the workflow could not write, as JSON; the counts are the store's."""
    snapshot = ending.snapshot
    counts = ItemCounts.model_validate(items)
    closed_at = ending.closed_at or datetime.now(UTC)
    return ClosingRecord(
        project=ref.project,
        import_id=ref.import_id,
        source_key=ref.source_key,
        state="failed",
        reason=ending.reason,
        items=counts,
        graph=GraphCounts.model_validate(graph),
        progress=Progress(
            import_id=ref.import_id,
            state="failed",
            fraction=1.0,
            stages=snapshot.stages if snapshot else (),
            items=counts,
            chunks=snapshot.chunks if snapshot else 0,
            started_at=opened_at,
            updated_at=closed_at,
        ),
        warnings=attachments["warnings"],
        attachments_failed=attachments["failed"],
        interruptions=snapshot.interruptions if snapshot else 0,
        started_at=opened_at,
        closed_at=closed_at,
    ).model_dump(mode="json")


async def tell_of_ending(client: Client, record: Mapping[str, Any], run_id: str, deadline: timedelta) -> None:
    """Have the receivers of `import.closed` told of it, as the import's workflow would have done; once for each run."""
    closed = ClosingRecord.model_validate(record)
    try:
        await client.start_workflow(
            WebhooksWorkflow.run,
            Telling(project=closed.project, import_id=closed.import_id, event="import.closed", data=closed),
            id=f"webhooks/{closed.project}/{closed.import_id}/settled/{run_id}",
            task_queue=WORKFLOW_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            rpc_timeout=deadline,
        )
    except WorkflowAlreadyStartedError:
        return
