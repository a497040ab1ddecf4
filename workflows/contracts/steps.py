"""The steps of an import from its opening to its closing record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from temporalio import activity

from workflows.contracts.message import Message
from workflows.contracts.progress import ClosingRecord, ItemCounts, Progress, Reason
from workflows.contracts.providers import Embedding, Extraction
from workflows.contracts.submissions import BatchRef, ImportRef, Revision, Submission


class Opened(Message):
    webhooks: int
    """How many want to hear when the import waits for its operator."""
    embedding: Embedding | None = None
    """None where passages are embedded on the worker's own machine."""
    extraction: Extraction | None = None
    """None where no language model is asked."""
    new_facts: bool = False
    """The project's passages were not asked by this extractor before."""
    new_index: bool = False
    """Search uses other vectors than those that the import makes, until the whole project has these."""


class Staged(Message):
    manifest: str
    files: int
    bytes: int
    revision: Revision | None = None


class Plan(Message):
    """What the import will do. `total` leaves `removed` out."""

    total: int
    added: int
    changed: int
    unchanged: int
    duplicate: int
    removed: int
    batches: int
    """Numbered from 0."""
    retire_batches: int
    """Numbered after the others."""
    needs_approval: bool
    """More would be removed than may be without a yes."""
    attachments_failed: int = 0
    """Of unchanged items, as the last time."""
    warnings: int = 0
    renamed: int = 0
    skipped: int = 0
    """Left out by what the source itself says of them."""
    links_owed: bool = False
    """An earlier import has committed what it did not come to relate."""

    @property
    def changes_anything(self) -> bool:
        return bool(self.added or self.changed or self.duplicate or self.removed)


class StepOutcome(Message):
    """What the store holds for a batch after a step, and what this attempt took."""

    items: int
    chunks: int = 0
    attempt: int = 1


class BatchOutcome(Message):
    """Where the items of a batch stand, read from the store."""

    added: int = 0
    changed: int = 0
    duplicate: int = 0
    removed: int = 0
    skipped: int = 0
    failed: int = 0
    attachments_failed: int = 0
    warnings: int = 0
    attempt: int = 1


class FailBatch(Message):
    batch: BatchRef
    code: str
    detail: str


class Requeued(Message):
    """What a retry of the failed items put back, and where the import stands after it, read from the store."""

    items: int
    batches: int
    counts: ItemCounts
    attachments_failed: int
    warnings: int


class LinkBatch(Message):
    project: str
    import_id: str
    source_key: str
    step: str
    bucket: int
    buckets: int


class LinkPlan(Message):
    steps: tuple[tuple[str, int], ...]
    """Name and number of buckets, in the order in which they run."""


class CloseImport(Message):
    project: str
    import_id: str
    source_key: str
    aliases: tuple[str, ...] = ()
    cancelled: bool = False
    failure: Reason | None = None
    settled: ItemCounts
    """As the workflow's ledger has them; the audit compares them with the store."""
    progress: Progress


class Closed(Message):
    record: ClosingRecord
    webhooks: int
    """How many want to hear of it."""


BatchStep = Callable[[BatchRef], Awaitable[StepOutcome]]


@activity.defn
async def open_import(submission: Submission) -> Opened: ...


@activity.defn
async def stage_source(ref: ImportRef) -> Staged: ...


@activity.defn
async def plan_import(ref: ImportRef) -> Plan: ...


@activity.defn
async def parse_batch(ref: BatchRef) -> StepOutcome: ...


@activity.defn
async def extract_batch(ref: BatchRef) -> StepOutcome: ...


@activity.defn
async def extract_again(ref: ImportRef) -> StepOutcome: ...


@activity.defn
async def embed_batch(ref: BatchRef) -> StepOutcome: ...


@activity.defn
async def write_batch(ref: BatchRef) -> BatchOutcome: ...


@activity.defn
async def retire_batch(ref: BatchRef) -> BatchOutcome: ...


@activity.defn
async def fail_batch(request: FailBatch) -> BatchOutcome: ...


@activity.defn
async def requeue_failed(ref: ImportRef) -> Requeued: ...


@activity.defn
async def plan_links(ref: ImportRef) -> LinkPlan: ...


@activity.defn
async def link_batch(ref: LinkBatch) -> StepOutcome: ...


@activity.defn
async def close_import(request: CloseImport) -> Closed: ...
