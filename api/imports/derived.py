"""Imports that are made from what is known already: what failed again, what was done undone, a source removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from api.imports import views
from api.imports.manifests import check_manifest
from api.imports.naming import submission_part
from api.imports.schemas import Import, Submitted
from api.imports.submit import Handover, hand_over
from api.problems import Problem
from api.services import Services
from longshore.graph.inventory import SourceRow
from longshore.ids import import_id
from workflows.contracts import ImportOptions, Submission
from workflows.submitting import digest_of


async def retry(services: Services, closed: Import, codes: Sequence[str]) -> Submitted:
    """A new import over what failed in a closed one, from the files that were kept.

    Args:
        codes: Only what failed for one of these reasons; all if empty.
    """
    first = await _submission(services, closed, "nothing_to_retry")
    if first.mode != "import":
        return await _hand_over(services, first, _Change(mode=first.mode, undo_of=first.undo_of))
    if first.manifest:
        await check_manifest(services.blobs, closed.project, first.manifest)
    return await _hand_over(services, first, _Change(retry_of=closed.id, retry_codes=tuple(sorted(set(codes)))))


async def undo(services: Services, closing: Import) -> Submitted:
    """A new import that takes back what another asserted; it begins once that one has closed."""
    first = await _submission(services, closing, "nothing_to_undo")
    return await _hand_over(services, first, _Change(mode="undo", undo_of=closing.id))


async def remove(services: Services, project: str, source: SourceRow) -> Submitted:
    """A new import that retires all that a source asserts, after which the source is forgotten."""
    submission = Submission(
        project=project,
        import_id=import_id(source.key, submission_part(project, source.key, None)),
        source_key=source.key,
        kind=source.kind,
        name=source.name,
        manifest=views.NO_MANIFEST,
        digest=digest_of(views.NO_MANIFEST, ImportOptions(), mode="remove"),
        options=ImportOptions(lanes=services.settings.lanes),
        mode="remove",
        submitted_at=datetime.now(UTC),
    )
    return await hand_over(services, Handover(submission))


async def _submission(services: Services, view: Import, otherwise: str) -> Submission:
    """What was asked for: from the store, or from the engine while no worker has begun it."""
    row = await services.imports.record(view.project, view.id)
    if row:
        return views.submission_of(row)
    run = await services.engine.describe(view.project, view.source.key)
    if run and run.submission and run.submission.import_id == view.id:
        return run.submission
    raise Problem(409, otherwise, f"Import {view.id} ended before it began.", "Submit the source again.")


@dataclass(frozen=True)
class _Change:
    """In what an import differs from the one that it is made from, besides its id."""

    mode: Literal["import", "undo", "remove"] = "import"
    undo_of: str | None = None
    retry_of: str | None = None
    retry_codes: tuple[str, ...] = ()


async def _hand_over(services: Services, first: Submission, change: _Change) -> Submitted:
    options = first.options.for_another()
    derived = first.model_copy(
        update={
            **asdict(change),
            "import_id": import_id(first.source_key, submission_part(first.project, first.source_key, None)),
            "digest": digest_of(
                first.manifest, options, first.repository, first.library, first.choice, **asdict(change)
            ),
            "options": options,
            "idempotency_key": None,
            "submitted_at": datetime.now(UTC),
        }
    )
    return await hand_over(services, Handover(derived))
