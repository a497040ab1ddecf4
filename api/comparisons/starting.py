"""What a request for a comparison comes to, once nothing speaks against it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from api.comparisons.schemas import ComparisonRequest, KnownRequest
from api.imports.manifests import check_manifest
from api.imports.schemas import PlanRequest
from api.imports.submit import prepare
from api.problems import InvalidPart, Problem
from api.projects.sources import require_source
from api.services import Services
from longshore.embedding.choosing import require_embedder
from longshore.errors import LongshoreError
from longshore.extraction.choosing import require_extractor
from longshore.graph import records
from longshore.ids import space_of
from longshore.providers.settings import Providers
from workflows.contracts import Submission
from workflows.contracts.comparisons import Comparison, Questions, Variant

_ID_DIGITS = 10


async def asked(services: Services, project: str, request: ComparisonRequest) -> Comparison:
    """Raises:
    Problem: 404, 409 or 422 with what stands in the way.
    """
    _check_providers(services.providers, request)
    source = request.source
    if isinstance(source, KnownRequest):
        submission = await _as_before(services, project, source.key)
    else:
        submission = await prepare(services, project, PlanRequest(source=source))
    if request.questions.given and await services.blobs.missing(project, [request.questions.given]):
        raise Problem(422, "blob_missing", "The questions were not uploaded.", "PUT them as a blob first.")
    comparison_id = f"c{uuid.uuid4().hex[:_ID_DIGITS]}"
    return Comparison(
        project=project,
        comparison_id=comparison_id,
        submission=submission,
        variants=tuple(
            Variant(
                name=variant.name,
                space=space_of(project, comparison_id, number),
                pipeline=variant.pipeline(),
                embedder=variant.embedder,
                extractor=variant.extractor,
            )
            for number, variant in enumerate(request.variants)
        ),
        questions=Questions(**request.questions.model_dump()),
        step_deadline_s=request.step_deadline_s,
    )


async def _as_before(services: Services, project: str, key: str) -> Submission:
    """What the newest import of a source was asked to read, from the files that are kept of it."""
    source = await require_source(services, project, key)
    async with services.connection() as connection:
        found = await records.last_submission(connection, project, key)
    if found is None:
        raise Problem(409, "source_unread", f"No import of {source.name} is known any more.", "Import it again first.")
    last = Submission.model_validate(found)
    if last.manifest:
        await check_manifest(services.blobs, project, last.manifest)
    return last.model_copy(
        update={
            "name": source.name,
            "options": last.options.for_another(),
            "idempotency_key": None,
            "submitted_at": datetime.now(UTC),
        }
    )


def _check_providers(providers: Providers, request: ComparisonRequest) -> None:
    """Raises:
    Problem: 422 `embedder_unknown` or `extractor_unknown`, with the place.
    """
    for number, variant in enumerate(request.variants):
        for part, name, require in (
            ("embedder", variant.embedder, require_embedder),
            ("extractor", variant.extractor, require_extractor),
        ):
            _check(providers, f"/body/variants/{number}/{part}", name, require)


def _check(providers: Providers, pointer: str, name: str | None, require: Callable[[Providers, str], object]) -> None:
    if name is None:
        return
    try:
        require(providers, name)
    except LongshoreError as error:
        errors = [InvalidPart(pointer=pointer, detail=str(error))]
        raise Problem(422, error.code, str(error), error.hint, errors=errors) from error
