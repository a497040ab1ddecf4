"""Handing an import over: checked first, then given to the engine in one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from api.imports import views
from api.imports.idempotency import handed_over_before, refuse_reuse
from api.imports.manifests import check_manifest
from api.imports.naming import submission_part
from api.imports.schemas import (
    CargoRequest,
    ImportRequest,
    KnownSource,
    LibraryRequest,
    OptionsRequest,
    PlanRequest,
    RepositoryRequest,
    Submitted,
    Validated,
)
from api.names import LONGEST_NAME
from api.problems import Problem
from api.run import Run
from api.services import Services
from longshore.embedding.choosing import OFFLINE, require_embedder
from longshore.errors import InvalidSource, LongshoreError
from longshore.extraction.choosing import require_extractor
from longshore.graph import catalog, inventory
from longshore.ids import import_id, source_key
from longshore.sources.git import parse_location
from workflows.contracts import Choice, ImportOptions, OnlineLibrary, Repository, Submission
from workflows.submitting import digest_of


@dataclass(frozen=True)
class Handover:
    """A submission with how it is to be received."""

    submission: Submission
    on_conflict: Literal["queue", "refuse"] = "queue"


async def submit(services: Services, project: str, request: ImportRequest, key: str | None) -> Submitted:
    """Start an import, queue it behind the one that runs, or attach to an equal one.

    Args:
        key: The caller's Idempotency-Key; an equal request with the same key has the same import.

    Raises:
        Problem: 409 or 422 with what stands in the way.
    """
    submission = await prepare(services, project, request, key)
    return await hand_over(services, Handover(submission, request.on_conflict))


async def prepare(services: Services, project: str, request: PlanRequest, key: str | None = None) -> Submission:
    """What a request comes to, once nothing speaks against it.

    Raises:
        Problem: as `submit` does.
    """
    _check_providers(services, request.options)
    cargo = await _checked(services, project, request)
    asked = {**request.options.model_dump(), "redo": tuple(sorted(request.options.redo))}
    options = ImportOptions(**asked, lanes=services.settings.lanes)
    return Submission(
        project=project,
        import_id=import_id(cargo.source_key, submission_part(project, cargo.source_key, key)),
        source_key=cargo.source_key,
        kind=request.source.kind,
        name=cargo.name,
        manifest=cargo.manifest,
        repository=cargo.repository,
        library=cargo.library,
        choice=cargo.choice,
        digest=digest_of(cargo.manifest, options, cargo.repository, cargo.library, cargo.choice),
        options=options,
        idempotency_key=key,
        submitted_at=datetime.now(UTC),
    )


async def validate(services: Services, project: str, request: ImportRequest) -> Validated:
    """What `submit` would check, without handing anything over.

    Raises:
        Problem: as `submit` does.
    """
    cargo = await _checked(services, project, request)
    async with services.connection() as connection:
        known = bool(await inventory.list_sources(connection, project, cargo.source_key))
    return Validated(
        files=cargo.files,
        bytes=cargo.bytes,
        source=KnownSource(
            key=cargo.source_key,
            kind=request.source.kind,
            name=cargo.name,
            repository=cargo.repository,
            library=cargo.library,
            choice=cargo.choice,
            known=known,
        ),
    )


async def hand_over(services: Services, handover: Handover) -> Submitted:
    """Give a submission to the engine and tell what became of it.

    Raises:
        Problem: 409 `import_running`; 422 `idempotency_key_reused`.
    """
    submission = handover.submission
    engine = services.engine
    run = await engine.describe(submission.project, submission.source_key)
    if submission.idempotency_key is not None:
        before = await handed_over_before(services, submission)
        if before:
            return Submitted(submission="attached", import_=before, replayed=True)
        await refuse_reuse(services, submission)
    elif run and run.running and (equal := _equal(run, submission)):
        return await _attached(services, submission.project, equal)
    alone = handover.on_conflict == "refuse" and not (run and run.running and _equal(run, submission))
    if alone and run and run.running:
        raise _refused(submission, run)
    if not await engine.submit(submission, alone=alone):
        run = await engine.describe(submission.project, submission.source_key)
        raise _refused(submission, run)
    return await _received(services, submission)


@dataclass(frozen=True)
class _Cargo:
    """What is to be imported, once nothing speaks against it."""

    source_key: str
    name: str
    manifest: str = ""
    repository: Repository | None = None
    library: OnlineLibrary | None = None
    choice: Choice | None = None
    files: int | None = None
    bytes: int | None = None


def _check_providers(services: Services, options: OptionsRequest) -> None:
    """Raises:
    Problem: 422 `embedder_unknown` or `extractor_unknown`.
    """
    try:
        require_embedder(services.providers, options.embedder or OFFLINE)
        require_extractor(services.providers, options.extractor or OFFLINE)
    except LongshoreError as error:
        raise Problem(422, error.code, str(error), error.hint) from error


async def _checked(services: Services, project: str, request: PlanRequest) -> _Cargo:
    if isinstance(request.source, RepositoryRequest):
        cargo = _repository(request.source)
    elif isinstance(request.source, LibraryRequest):
        cargo = _library(request.source)
    else:
        cargo = await _handed_over(services, project, request.source)
    await _check_place(services, project, cargo)
    return cargo


def _repository(source: RepositoryRequest) -> _Cargo:
    try:
        location = parse_location(source.url)
    except InvalidSource as error:
        raise Problem(422, error.code, str(error), error.hint) from error
    name = source.name or location.name[:LONGEST_NAME]
    repository = Repository(
        url=location.url,
        ref=source.ref,
        include=tuple(source.include),
        exclude=tuple(source.exclude),
        credential=source.credential,
    )
    return _Cargo(_key(source.kind, name), name, repository=repository)


def _library(source: LibraryRequest) -> _Cargo:
    name = source.name or source.library
    library = OnlineLibrary(library=source.library, collection=source.collection, credential=source.credential)
    return _Cargo(_key(source.kind, name), name, library=library, choice=source.choice())


async def _handed_over(services: Services, project: str, source: CargoRequest) -> _Cargo:
    key = _key(source.kind, source.name)
    listed = await check_manifest(services.blobs, project, source.manifest)
    return _Cargo(key, source.name, source.manifest, choice=source.choice(), files=listed.files, bytes=listed.bytes)


def _key(kind: str, name: str) -> str:
    try:
        return source_key(kind, name)
    except ValueError as error:
        raise Problem(422, "invalid_name", f"{error}.", "Name the source with at least one letter or digit.") from error


async def _check_place(services: Services, project: str, cargo: _Cargo) -> None:
    """Raises:
    Problem: 409 `project_deleting` or `source_kind_conflict`.
    """
    async with services.connection() as connection:
        other = await catalog.other_kind_of(connection, project, cargo.source_key)
        deleting = await inventory.is_being_deleted(connection, project)
    if deleting:
        raise Problem(
            409,
            "project_deleting",
            f"Project {project} is being deleted.",
            "Wait until it has gone, or choose another project.",
        )
    if other:
        raise Problem(
            409,
            "source_kind_conflict",
            f"The name {cargo.name!r} belongs to a source of kind {other} in project {project}.",
            "Choose another name.",
        )


def _equal(run: Run, submission: Submission) -> str | None:
    """The import of the same content and options that runs, or that waits as the next."""
    if run.digest == submission.digest:
        return run.import_id
    if run.follow_up and run.follow_up.digest == submission.digest:
        return run.follow_up.import_id
    return None


async def _received(services: Services, submission: Submission) -> Submitted:
    """What became of it, told from the memo: another submission may have come first."""
    run = await services.engine.describe(submission.project, submission.source_key)
    link = services.engine.ui_link(submission.project, submission.source_key)
    if run and run.running and run.import_id != submission.import_id:
        equal = _equal(run, submission)
        if equal and equal != submission.import_id:
            return await _attached(services, submission.project, equal)
        view = views.queued(submission.project, submission.import_id, link, submission, behind=run.import_id)
        return Submitted(submission="queued", import_=view)
    view = views.queued(submission.project, submission.import_id, link, submission)
    return Submitted(submission="started", import_=view)


async def _attached(services: Services, project: str, equal: str) -> Submitted:
    return Submitted(submission="attached", import_=await services.imports.find(project, equal))


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
