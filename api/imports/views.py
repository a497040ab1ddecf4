"""The import resource, made from each of the places that may know about an import."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from api.imports.schemas import Import, Links, Source
from api.imports.settling import ending_of
from api.imports.waiting import ORCHESTRATOR_UNAVAILABLE, last_error, waiting
from api.run import PendingStep, Run
from longshore.graph.catalog import ImportRow
from longshore.ids import source_of
from workflows.contracts import ClosingRecord, ItemCounts, Progress, Reason, Stage, StageProgress, Submission
from workflows.ledger import BATCH_STAGES, STAGES

_MEASURES = (
    "fraction",
    "stages",
    "items",
    "planned",
    "chunks",
    "tokens",
    "cost",
    "fallbacks",
    "without_facts",
    "without_vectors",
    "warnings",
    "attachments_failed",
    "interruptions",
    "eta_range_s",
    "revision",
    "started_at",
    "updated_at",
)
_LONG_STEPS: dict[Stage, str] = {"stage": "stage_source"}
_PLANNED = STAGES["stage"][1] + STAGES["plan"][1]
NO_MANIFEST = hashlib.sha256(b"").hexdigest()
"""Of an import that brings nothing."""
_SETTLED = sum(STAGES[stage][1] for stage in BATCH_STAGES)


def links(project: str, import_id: str, temporal_ui: str | None) -> Links:
    own = f"/v1/projects/{project}/imports/{quote(import_id)}"
    return Links(self=own, items=f"{own}/items", events=f"{own}/events", temporal_ui=temporal_ui)


def queued(
    project: str,
    import_id: str,
    temporal_ui: str | None,
    submission: Submission | None = None,
    behind: str | None = None,
) -> Import:
    """Handed over and not begun; `behind` is the import of the same source that it waits for."""
    reason = behind and Reason(code="follow_up", message=f"It starts when {behind} of the same source has closed.")
    return Import(
        project=project,
        id=import_id,
        source=_source(import_id, submission),
        mode=submission.mode if submission else "import",
        undo_of=submission.undo_of if submission else None,
        retry_of=submission.retry_of if submission else None,
        state="queued",
        reason=reason or None,
        created_at=submission.submitted_at if submission else None,
        links=links(project, import_id, temporal_ui),
    )


def following(project: str, run: Run, behind: str, temporal_ui: str | None) -> Import:
    """The follow-up of a running import, as the memo names it."""
    follow_up = run.follow_up
    assert follow_up is not None
    resource = queued(project, follow_up.import_id, temporal_ui, behind=behind)
    source = _source(run.import_id, run.submission)
    return resource.model_copy(update={"source": source, "created_at": follow_up.submitted_at})


def never_begun(project: str, submission: Submission, run: Run, temporal_ui: str | None) -> Import:
    """A follow-up whose turn did not come, because the run that it waited for was ended from outside."""
    resource = queued(project, submission.import_id, temporal_ui, submission)
    message = f"{run.import_id}, which it waited for, was ended from outside, so it never began. Submit it again."
    return resource.model_copy(
        update={
            "state": "cancelled",
            "fraction": 1.0,
            "reason": Reason(code="never_begun", message=message),
            "updated_at": run.closed_at,
            "closed_at": run.closed_at,
        }
    )


def superseded(project: str, submission: Submission, by: str | None, temporal_ui: str | None) -> Import:
    """A follow-up whose place a newer submission took before it began."""
    newer = f"{by}, a newer submission of the same source," if by else "A newer submission of the same source"
    resource = queued(project, submission.import_id, temporal_ui, submission)
    reason = Reason(code="superseded", message=f"{newer} took its place before it began.")
    return resource.model_copy(update={"state": "cancelled", "fraction": 1.0, "reason": reason})


def begun(run: Run, project: str, progress: Progress, submission: Submission | None, temporal_ui: str | None) -> Import:
    """A running import as its workflow shows it, with what only Temporal knows: retries between two attempts."""
    state, reason = waiting(run, progress.state, progress.reason)
    resource = queued(project, progress.import_id, temporal_ui, submission)
    return resource.model_copy(
        update={
            **_measures(progress),
            "stages": tuple(_as_it_says(stage, run.steps) for stage in progress.stages),
            "state": state,
            "reason": reason,
            "follow_up": progress.follow_up,
            "attempt": max((step.attempt for step in run.steps), default=1),
            "last_error": last_error(run),
            "created_at": resource.created_at or progress.started_at,
        }
    )


def closed(row: ImportRow, record: ClosingRecord, temporal_ui: str | None) -> Import:
    """As the closing record has it, for ever."""
    resource = queued(row.project, row.import_id, temporal_ui, submission_of(row))
    return resource.model_copy(
        update={
            **_measures(record.progress),
            "state": record.state,
            "reason": record.reason,
            "fraction": 1.0,
            "stages": tuple(_at_rest(stage) for stage in record.progress.stages),
            "items": record.items,
            "graph": record.graph,
            "warnings": record.warnings,
            "attachments_failed": record.attachments_failed,
            "interruptions": record.interruptions,
            "eta_range_s": None,
            "started_at": record.started_at,
            "updated_at": record.closed_at,
            "closed_at": record.closed_at,
        }
    )


def ended(
    project: str, import_id: str, run: Run | None, row: ImportRow | None, counts: ItemCounts, temporal_ui: str | None
) -> Import:
    """Over without a closing record: what Temporal says about its end, and what was committed before."""
    own = run if run and run.import_id == import_id else None
    submission = submission_of(row) if row else (own.submission if own else None)
    resource = queued(project, import_id, temporal_ui, submission)
    ending = ending_of(run, import_id)
    return resource.model_copy(
        update={
            **(_measures(ending.snapshot) if ending.snapshot else {}),
            "state": "failed",
            "reason": ending.reason,
            "fraction": 1.0,
            "items": counts if row else resource.items,
            "eta_range_s": None,
            "started_at": row.opened_at if row else (own.started_at if own else None),
            "updated_at": ending.closed_at,
            "closed_at": ending.closed_at,
        }
    )


def unattended(
    row: ImportRow, counts: Mapping[str, int], temporal_ui: str | None, reason: Reason = ORCHESTRATOR_UNAVAILABLE
) -> Import:
    """An open import of which Temporal says nothing, because it is down or has lost it: its item rows."""
    resource = queued(row.project, row.import_id, temporal_ui, submission_of(row))
    total = counts.get("total", 0)
    return resource.model_copy(
        update={
            "state": "waiting",
            "reason": reason,
            "live": False,
            "fraction": _PLANNED + _SETTLED * counts["settled"] / total if total else 0.0,
            "items": ItemCounts.model_validate(counts),
            "started_at": row.opened_at,
        }
    )


def submission_of(row: ImportRow) -> Submission:
    return Submission.model_validate(row.submission)


def _as_it_says(stage: StageProgress, steps: Sequence[PendingStep]) -> StageProgress:
    """A stage that is one long step, with how far that step says it has come; the workflow hears of it at its end."""
    step = next((step for step in steps if step.name == _LONG_STEPS.get(stage.name)), None)
    if step is None or stage.state != "running" or not step.total:
        return stage
    return stage.model_copy(update={"done": min(step.done, step.total), "total": step.total})


def _at_rest(stage: StageProgress) -> StageProgress:
    """The record was written by the last stage, while that was under way; the others did not get further."""
    if stage.state in ("done", "skipped"):
        return stage
    if stage.name == "close":
        return stage.model_copy(update={"state": "done", "done": 1, "total": 1})
    return stage.model_copy(update={"state": "skipped"})


def _measures(progress: Progress) -> dict[str, Any]:
    return {name: getattr(progress, name) for name in _MEASURES}


def _source(import_id: str, submission: Submission | None) -> Source:
    """The name is known from a submission; a source's key at least resembles it."""
    if submission:
        return Source(
            key=submission.source_key,
            kind=submission.kind,
            name=submission.name,
            repository=submission.repository,
            library=submission.library,
            choice=submission.choice,
        )
    key = source_of(import_id)
    kind, name = key.split(".", 1)
    return Source(key=key, kind=kind, name=name)
