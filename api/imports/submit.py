"""Handing an import over: checked first, then given to the engine in one call."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from api.imports import views
from api.imports.manifests import check_manifest
from api.imports.schemas import Import, ImportRequest, Submitted
from api.problems import Problem
from api.run import Run
from api.services import Services
from longshore.graph import catalog
from longshore.ids import import_id, source_key
from workflows.contracts import ImportOptions, Submission

_SUBMISSION_DIGITS = 12


@dataclass(frozen=True)
class Handover:
    """A submission with how it is to be received."""

    submission: Submission
    on_conflict: Literal["queue", "refuse"]
    repeatable: bool
    """Its id derives from the caller's key, so it may have been handed over before."""


async def submit(services: Services, project: str, request: ImportRequest, key: str | None) -> Submitted:
    """Start an import, queue it behind the one that runs, or attach to an equal one.

    Args:
        key: The caller's Idempotency-Key; an equal request with the same key has the same import.

    Raises:
        Problem: 409 or 422 with what stands in the way.
    """
    source = _source_key(request)
    await check_manifest(services.blobs, project, request.source.manifest)
    async with services.connection() as connection:
        other = await catalog.other_kind_of(connection, project, source)
    if other:
        raise Problem(
            409,
            "source_kind_conflict",
            f"The name {request.source.name!r} belongs to a source of kind {other} in project {project}.",
            "Choose another name.",
        )
    options = ImportOptions(allow_removals=request.options.allow_removals, lanes=services.settings.lanes)
    submission = Submission(
        project=project,
        import_id=import_id(source, _submission_part(project, source, key)),
        source_key=source,
        kind=request.source.kind,
        name=request.source.name,
        manifest=request.source.manifest,
        digest=_digest(request.source.manifest, options, retry_of=None),
        options=options,
        submitted_at=datetime.now(UTC),
    )
    return await _hand_over(services, Handover(submission, request.on_conflict, repeatable=key is not None))


async def retry(services: Services, closed: Import) -> Submitted:
    """A new import over what failed in a closed one, from the files that were kept."""
    row = await services.imports.record(closed.project, closed.id)
    if row is None:
        raise Problem(409, "nothing_to_retry", f"Import {closed.id} ended before it began.", "Submit the source again.")
    first = views.submission_of(row)
    await check_manifest(services.blobs, closed.project, first.manifest)
    submission = first.model_copy(
        update={
            "import_id": import_id(first.source_key, _submission_part(closed.project, first.source_key, None)),
            "digest": _digest(first.manifest, first.options, retry_of=closed.id),
            "retry_of": closed.id,
            "submitted_at": datetime.now(UTC),
        }
    )
    return await _hand_over(services, Handover(submission, "queue", repeatable=False))


async def _hand_over(services: Services, handover: Handover) -> Submitted:
    submission = handover.submission
    engine = services.engine
    run = await engine.describe(submission.project, submission.source_key)
    if handover.repeatable:
        before = await _handed_over_before(services, submission)
        if before:
            return Submitted(submission="attached", import_=before)
    if run and run.running and run.digest == submission.digest:
        return await _attached(services, run, submission.project)
    if handover.on_conflict == "refuse" and run and run.running:
        raise _refused(submission, run)
    if not await engine.submit(submission, alone=handover.on_conflict == "refuse"):
        run = await engine.describe(submission.project, submission.source_key)
        raise _refused(submission, run)
    return await _received(services, submission)


async def _received(services: Services, submission: Submission) -> Submitted:
    """What became of it, told from the memo: another submission may have come first."""
    run = await services.engine.describe(submission.project, submission.source_key)
    link = services.engine.ui_link(submission.project, submission.source_key)
    if run and run.running and run.import_id != submission.import_id:
        if run.digest == submission.digest:
            return await _attached(services, run, submission.project)
        view = views.queued(submission.project, submission.import_id, link, submission, behind=run.import_id)
        return Submitted(submission="queued", import_=view)
    view = views.queued(submission.project, submission.import_id, link, submission)
    return Submitted(submission="started", import_=view)


async def _attached(services: Services, run: Run, project: str) -> Submitted:
    return Submitted(submission="attached", import_=await services.imports.find(project, run.import_id))


async def _handed_over_before(services: Services, submission: Submission) -> Import | None:
    try:
        view = await services.imports.find(submission.project, submission.import_id)
    except Problem:
        return None
    digest = await _digest_of(services, submission)
    if digest is not None and digest != submission.digest:
        raise Problem(
            422,
            "idempotency_key_reused",
            f"This Idempotency-Key was used for import {view.id} of other content or options.",
            "Use a new key for a new request.",
        )
    return view


async def _digest_of(services: Services, submission: Submission) -> str | None:
    """Of the submission that has this id already, where it is known."""
    run = await services.engine.describe(submission.project, submission.source_key)
    if run and run.running and run.import_id == submission.import_id:
        return run.digest
    row = await services.imports.record(submission.project, submission.import_id)
    if row:
        return views.submission_of(row).digest
    found = await services.engine.signalled(run, submission.import_id) if run else None
    return found.submission.digest if found else None


def _refused(submission: Submission, run: Run | None) -> Problem:
    running = run.import_id if run else submission.source_key
    return Problem(
        409,
        "import_running",
        f"Import {running} of the same source is running.",
        "Wait for it, cancel it, or submit with on_conflict: queue.",
        blocking_import=running,
        links=views.links(submission.project, running, None),
    )


def _source_key(request: ImportRequest) -> str:
    try:
        return source_key(request.source.kind, request.source.name)
    except ValueError as error:
        raise Problem(422, "invalid_name", f"{error}.", "Name the source with at least one letter or digit.") from error


def _submission_part(project: str, source: str, key: str | None) -> str:
    if key is None:
        return secrets.token_hex(_SUBMISSION_DIGITS // 2)
    return hashlib.sha256("\0".join((project, source, key)).encode()).hexdigest()[:_SUBMISSION_DIGITS]


def _digest(manifest: str, options: ImportOptions, retry_of: str | None) -> str:
    """Over what decides the result: how many lanes do the work does not."""
    content = {"manifest": manifest, "options": options.model_dump(exclude={"lanes"}), "retry_of": retry_of}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
