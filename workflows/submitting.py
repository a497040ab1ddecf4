"""Handing an import over to the engine, whoever does it: the API, a schedule, a push to a repository."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows.contracts import (
    WORKFLOW_QUEUE,
    Choice,
    ImportOptions,
    Message,
    OnlineLibrary,
    Repository,
    Submission,
)
from workflows.imports import ImportInput, ImportWorkflow
from workflows.showing import attributes_of, memo_of

_SUMMARY_BYTES = 200


def digest_of(
    manifest: str,
    options: ImportOptions,
    repository: Repository | None = None,
    library: OnlineLibrary | None = None,
    choice: Choice | None = None,
    **others: object,
) -> str:
    """What makes two submissions equal, over what decides the result: how many lanes do the work does not."""
    cargo: dict[str, Message | None] = {"repository": repository, "library": library, "choice": choice}
    others = {**others, **{name: part.model_dump() for name, part in cargo.items() if part}}
    chosen = {"allow_removals": options.allow_removals, **options.model_dump(exclude={"lanes"}, exclude_defaults=True)}
    content = {"manifest": manifest, "options": chosen, **others}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


async def start_import(
    client: Client, submission: Submission, *, workflow_id: str, alone: bool, deadline: timedelta
) -> bool:
    """Start the import of a source, or tell the one that runs; from here on the submission is never lost.

    Args:
        workflow_id: Which is the lock of the source.
        alone: Only if no import of the source is running.

    Returns:
        False if it was to be alone and is not.

    Raises:
        RPCError: the engine does not answer.
    """
    try:
        await client.start_workflow(
            ImportWorkflow.run,
            ImportInput(submission=submission),
            id=workflow_id,
            task_queue=WORKFLOW_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL if alone else WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=None if alone else "submit",
            start_signal_args=[] if alone else [submission],
            memo=memo_of(submission),
            search_attributes=attributes_of(submission, "queued"),
            static_summary=_summary(submission),
            rpc_timeout=deadline,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


def _summary(submission: Submission) -> str:
    text = f"{submission.kind}: {submission.name} into {submission.project}"
    return text.encode()[:_SUMMARY_BYTES].decode(errors="ignore")
