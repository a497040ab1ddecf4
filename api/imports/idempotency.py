"""Requests that name themselves: the same one again has the same import, another one under the same key is refused."""

from __future__ import annotations

from api.imports import views
from api.imports.schemas import Import
from api.problems import Problem
from api.services import Services
from longshore.graph import catalog
from workflows.contracts import Submission


async def handed_over_before(services: Services, submission: Submission) -> Import | None:
    """The import that this very request, or one equal to it, was given before.

    Raises:
        Problem: 422 `idempotency_key_reused` when it was another request.
    """
    try:
        view = await services.imports.find(submission.project, submission.import_id)
    except Problem:
        return None
    digest = await _digest_of(services, submission)
    if digest is not None and digest != submission.digest:
        raise _reused(view.id)
    return view


async def refuse_reuse(services: Services, submission: Submission) -> None:
    """Raises:
    Problem: 422 `idempotency_key_reused` when the key has named a request for another source of the project.
    """
    key = submission.idempotency_key
    async for run in services.engine.running(submission.project):
        known = run.submission
        if known and known.idempotency_key == key and known.import_id != submission.import_id:
            raise _reused(known.import_id)
    async with services.connection() as connection:
        used = await catalog.import_by_key(connection, submission.project, key or "")
    if used is not None and used != submission.import_id:
        raise _reused(used)


async def _digest_of(services: Services, submission: Submission) -> str | None:
    """Of the submission that has this id already, where it is known."""
    run = await services.engine.describe(submission.project, submission.source_key)
    if run and run.running:
        if run.import_id == submission.import_id:
            return run.digest
        if run.follow_up and run.follow_up.import_id == submission.import_id:
            return run.follow_up.digest
    row = await services.imports.record(submission.project, submission.import_id)
    if row:
        return views.submission_of(row).digest
    found = await services.engine.signalled(run, submission.import_id) if run else None
    return found.submission.digest if found else None


def _reused(import_id: str) -> Problem:
    return Problem(
        422,
        "idempotency_key_reused",
        f"This Idempotency-Key was used for import {import_id} of other content, options or source.",
        "Use a new key for a new request.",
    )
