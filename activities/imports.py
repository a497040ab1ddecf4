"""The frame of an import: opened, staged, planned, closed."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime

import structlog
from temporalio import activity

from activities import previewing
from activities.errors import translated
from activities.heartbeat import Beat, beating
from activities.staging import Stager, choice_of
from longshore.blobs import BlobStore
from longshore.embedding.choosing import OFFLINE, Embedders, require_embedder
from longshore.extraction.choosing import Extractors, require_extractor
from longshore.graph import answers, fallbacks, indexes, linking, planning, records, webhooks
from longshore.graph.db import Connection, Pool
from longshore.graph.pipelines import pipeline_of
from longshore.parsing.version import version_for
from longshore.providers.settings import EmbeddingProvider, ExtractionProvider
from longshore.sources import opening
from longshore.sources.upstreams import Upstreams
from workflows.contracts import (
    Closed,
    CloseImport,
    ClosingRecord,
    Embedding,
    Extraction,
    GraphCounts,
    ImportRef,
    ItemCounts,
    Lacking,
    LinkPlan,
    Opened,
    Plan,
    Preview,
    Progress,
    Reason,
    Requeued,
    Staged,
    State,
    Submission,
)

log = structlog.get_logger()


class ImportActivities:
    def __init__(
        self,
        pool: Pool,
        blobs: BlobStore,
        upstreams: Upstreams,
        embedders: Embedders,
        default_embedder: str = OFFLINE,
        extractors: Extractors | None = None,
        default_extractor: str = OFFLINE,
    ) -> None:
        self._extractors = extractors or Extractors()
        self._default_extractor = default_extractor
        self._embedders = embedders
        self._default_embedder = default_embedder
        self._pool = pool
        self._blobs = blobs
        self._stager = Stager(pool, blobs, upstreams)

    @activity.defn(name="open_import")
    async def open_import(self, submission: Submission) -> Opened:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    await records.open_record(
                        connection, submission.model_dump(mode="json"), activity.info().workflow_run_id or ""
                    )
                    told = await webhooks.list_webhooks(connection, submission.project, "import.waiting")
                    embedding, new_index = await self._choose_embedder(connection, submission)
                    extraction, new_facts = await self._choose_extractor(connection, submission)
                again = "embed" in submission.options.redo
                return Opened(
                    webhooks=len(told),
                    embedding=embedding,
                    extraction=extraction,
                    new_facts=new_facts,
                    new_index=new_index or again,
                )

    async def _choose_embedder(self, connection: Connection, submission: Submission) -> tuple[Embedding | None, bool]:
        """The provider to embed by, if it is one, and whether search still uses other vectors."""
        project, asked = submission.project, submission.options.embedder
        name = await indexes.choose_embedder(connection, project, asked, self._default_embedder)
        await indexes.note_embedder(connection, project, submission.import_id, name)
        if name == OFFLINE:
            return None, (await indexes.searched(connection, project)).embedder is not None
        require_embedder(self._embedders.providers, name)
        found = await asyncio.to_thread(self._embedders.find, name)
        new_index = (await indexes.searched(connection, project)).model != found.model
        if name not in self._embedders.remote:
            return None, new_index
        provider = self._embedders.remote[name].provider
        other = self._embedders.remote[provider.fallback].provider if provider.fallback else None
        return _embedding(provider, project, _embedding(other, project) if other else None), new_index

    async def _choose_extractor(self, connection: Connection, submission: Submission) -> tuple[Extraction | None, bool]:
        """The provider to ask what passages state, if any, and whether the graph is not made of its answers yet."""
        project, asked = submission.project, submission.options.extractor
        name = await answers.choose_extractor(connection, project, submission.import_id, asked, self._default_extractor)
        require_extractor(self._extractors.providers, name)
        found = self._extractors.find(name)
        if found and "extract" in submission.options.redo:
            await answers.forget_failures(connection, project, found)
            await fallbacks.ask_anew(connection, project, found)
        new_facts = await answers.show_facts(connection, project, found)
        if found is None:
            return None, new_facts
        provider = found.provider
        other = self._extractors.remote[provider.fallback].provider if provider.fallback else None
        return _extraction(provider, project, _extraction(other, project) if other else None), new_facts

    @activity.defn(name="stage_source")
    async def stage_source(self, ref: ImportRef) -> Staged:
        async with beating() as beat:
            with translated():
                async with self._pool.connection() as connection:
                    submission = Submission.model_validate(
                        await records.submission_of(connection, ref.project, ref.import_id)
                    )
                if submission.mode != "import":
                    return Staged(manifest=submission.manifest, files=0, bytes=0)
                staged = await self._stager.stage(submission, beat)
                beat.done = staged.files
                async with self._pool.connection() as connection:
                    await records.store_manifest(connection, ref.project, ref.import_id, staged.manifest)
                return staged

    @activity.defn(name="preview_import")
    async def preview_import(self, submission: Submission) -> Preview:
        """The plan is made as that of an import is, and taken back before anybody can see it."""
        async with beating() as beat:
            with translated():
                staged = await self._stager.stage(submission, beat)
                asked = submission.model_dump(mode="json")
                async with self._pool.connection() as connection, connection.transaction(force_rollback=True):
                    await records.open_record(connection, asked, "")
                    embedding, _ = await self._choose_embedder(connection, submission)
                    extraction, _ = await self._choose_extractor(connection, submission)
                # Apart, for planning takes its time, and nobody is to wait for the project meanwhile.
                async with self._pool.connection() as connection, connection.transaction(force_rollback=True):
                    await records.open_record(connection, asked, "", to_write=False)
                    await records.store_manifest(connection, submission.project, submission.import_id, staged.manifest)
                    await self._plan(connection, submission, beat)
                    planned = await previewing.read(connection, submission)
                providers = previewing.Providers(embedding, extraction)
                return await previewing.tell(self._blobs, submission, staged, providers, planned)

    @activity.defn(name="plan_import")
    async def plan_import(self, ref: ImportRef) -> Plan:
        async with beating() as beat:
            with translated():
                async with self._pool.connection() as connection:
                    submission = Submission.model_validate(
                        await records.submission_of(connection, ref.project, ref.import_id)
                    )
                    if not await planning.is_planned(connection, ref.project, ref.import_id):
                        await self._plan(connection, submission, beat)
                    counts = await planning.read_plan(connection, ref.project, ref.import_id)
                    files = await records.count_attachments(connection, ref.project, ref.import_id)
                    owed = await linking.links_are_owed(connection, ref.project, ref.import_id, ref.source_key)
                asked_for = submission.options.allow_removals or submission.mode != "import"
                return Plan(
                    **counts,
                    needs_approval=not asked_for and planning.needs_approval(counts),
                    attachments_failed=files["failed"],
                    warnings=files["warnings"],
                    links_owed=owed,
                )

    async def _plan(self, connection: Connection, submission: Submission, beat: Beat) -> None:
        where = (connection, submission.project, submission.import_id, submission.source_key)
        if submission.mode == "remove":
            await planning.record_removal(*where)
        elif submission.mode == "undo" and submission.undo_of:
            await planning.record_undo(*where, submission.undo_of)
        elif submission.retry_of and await planning.is_planned(connection, submission.project, submission.retry_of):
            await planning.record_retry(*where, submission.retry_of, submission.retry_codes)
        else:
            manifest = await records.manifest_of(connection, submission.project, submission.import_id)
            collection = submission.library.collection if submission.library else None
            async with opening.opened(
                self._blobs, submission.project, submission.kind, manifest, choice_of(submission), collection
            ) as source:
                passage = (await pipeline_of(connection, submission.project)).passage
                reparse = version_for(passage) if "parse" in submission.options.redo else None
                async for beat.done in planning.record_plan(*where, source.items(), reparse):
                    pass

    @activity.defn(name="requeue_failed")
    async def requeue_failed(self, ref: ImportRef) -> Requeued:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    await planning.requeue_failed(connection, ref.project, ref.import_id)
                    plan = await planning.read_plan(connection, ref.project, ref.import_id)
                    counts = await records.count_items(connection, ref.project, ref.import_id)
                    attachments = await records.count_attachments(connection, ref.project, ref.import_id)
                return Requeued(
                    items=counts["pending"],
                    batches=plan["batches"],
                    counts=_item_counts(counts),
                    attachments_failed=attachments["failed"],
                    warnings=attachments["warnings"],
                )

    @activity.defn(name="plan_links")
    async def plan_links(self, ref: ImportRef) -> LinkPlan:
        async with beating(), self._pool.connection() as connection:
            return LinkPlan(steps=tuple(await linking.plan_steps(connection, ref.project)))

    @activity.defn(name="close_import")
    async def close_import(self, request: CloseImport) -> Closed:
        run_id = activity.info().workflow_run_id or ""
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    told = await webhooks.list_webhooks(connection, request.project, "import.closed")
                    closed = await records.closed_record(connection, request.project, request.import_id, run_id)
                    if closed:
                        return Closed(record=ClosingRecord.model_validate(closed), webhooks=len(told))
                    record = _with_index(
                        await _audit(connection, request), await self._switch_index(connection, request)
                    )
                    submission = await records.submission_of(connection, request.project, request.import_id)
                    if submission.get("mode") == "remove" and record.state == "succeeded":
                        await records.forget_source(connection, request.project, request.source_key)
                    await records.close_record(
                        connection,
                        request.project,
                        request.import_id,
                        run_id,
                        request.aliases,
                        record.model_dump(mode="json"),
                    )
        log.info("import closed", project=record.project, import_id=record.import_id, state=record.state)
        return Closed(record=record, webhooks=len(told))

    async def _switch_index(self, connection: Connection, request: CloseImport) -> int:
        """Let search use the vectors of the import's embedder, where it did not and now can. How many of the project's
        passages have none, which is why it cannot."""
        name = await indexes.embedder_of(connection, request.project, request.import_id)
        if name == (await indexes.searched(connection, request.project)).embedder and name is None:
            return 0
        model = (await asyncio.to_thread(self._embedders.find, name)).model
        if await indexes.switch_when_complete(connection, request.project, name, model):
            return 0
        return await indexes.count_without_vector(connection, request.project, model)


async def _audit(connection: Connection, request: CloseImport) -> ClosingRecord:
    """Every item must be in exactly one terminal state, and the ledger must agree with the store.

    An audit that fails is a failed import, loudly: it would mean that something was lost or counted twice.
    """
    counts = await records.count_items(connection, request.project, request.import_id)
    reason = request.failure
    if request.cancelled or reason:
        await records.abandon_pending(
            connection, request.project, request.import_id, records.ENDED_EARLY[0 if request.cancelled else 1]
        )
        counts = await records.count_items(connection, request.project, request.import_id)
    elif counts["pending"] or _item_counts(counts) != request.settled:
        reason = Reason(
            code="audit_failed",
            message=f"the store counts {counts}, the workflow {request.settled.model_dump()}: please report this",
        )
    attachments = await records.count_attachments(connection, request.project, request.import_id)
    progress, without_facts = await _as_stored(connection, request)
    items = _item_counts(counts)
    state: State = "succeeded"
    if request.cancelled:
        state = "cancelled"
    elif reason or (items.failed and items.failed == items.total):
        state = "failed"
    elif items.failed or attachments["failed"]:
        state = "partially_succeeded"
    return ClosingRecord(
        project=request.project,
        import_id=request.import_id,
        source_key=request.source_key,
        state=state,
        reason=reason,
        items=items,
        graph=GraphCounts(**await records.count_graph(connection, request.project)),
        progress=progress,
        warnings=attachments["warnings"] + without_facts,
        attachments_failed=attachments["failed"],
        interruptions=request.progress.interruptions,
        started_at=request.progress.started_at,
        closed_at=datetime.now(UTC),
    )


def _with_index(record: ClosingRecord, without_vector: int) -> ClosingRecord:
    """The record, with how many passages keep search from the vectors that this import was to bring."""
    left = record.progress.without_vectors
    if left is None or not without_vector:
        return record.model_copy(update={"progress": record.progress.model_copy(update={"without_vectors": None})})
    told = record.progress.model_copy(update={"without_vectors": left.model_copy(update={"passages": without_vector})})
    return record.model_copy(update={"progress": told, "warnings": record.warnings + without_vector})


async def _as_stored(connection: Connection, request: CloseImport) -> tuple[Progress, int]:
    """The progress with what the store has of the work of fallbacks and of passages without facts, and how many these
    are: a passage in two batches at once was counted twice."""
    passages = await fallbacks.count_passages(connection, request.project, request.import_id)
    told = tuple(
        used.model_copy(update={"active": False, "passages": passages.get(used.provider, 0)})
        for used in request.progress.fallbacks
    )
    lacking = await fallbacks.without_facts(connection, request.project, request.import_id)
    without_facts = tuple(Lacking(**asdict(one)) for one in lacking)
    progress = request.progress.model_copy(update={"fallbacks": told, "without_facts": without_facts})
    return progress, sum(one.passages for one in lacking)


def _embedding(provider: EmbeddingProvider, project: str, fallback: Embedding | None = None) -> Embedding:
    return Embedding(
        provider=provider.id,
        price_per_million=float(provider.price_per_million),
        deadline_s=provider.deadline_s,
        at_once=provider.at_once_in(project),
        fallback=fallback,
    )


def _extraction(provider: ExtractionProvider, project: str, fallback: Extraction | None = None) -> Extraction:
    return Extraction(
        provider=provider.id,
        price_per_million_in=float(provider.price_per_million_in),
        price_per_million_out=float(provider.price_per_million_out),
        max_answer_tokens=provider.max_answer_tokens,
        deadline_s=provider.deadline_s,
        at_once=provider.at_once_in(project),
        fallback=fallback,
    )


def _item_counts(counts: dict[str, int]) -> ItemCounts:
    return ItemCounts(**{name: counts[name] for name in ItemCounts.model_fields})
