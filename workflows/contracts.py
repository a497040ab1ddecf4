"""Messages between workflows, activities and their callers, and the typed stubs of the activities.

Payloads carry references and counts only, never content. A field added later needs a default.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from temporalio import activity

WORKFLOW_QUEUE = "imports"
PARSE_QUEUE = "parse"
EXTRACT_QUEUE = "extract-offline"
EMBED_QUEUE = "embed-static"
GRAPH_QUEUE = "graph"
WEBHOOK_QUEUE = "webhooks"
SWEEP_QUEUE = "sweeps"


def provider_queue(provider: str) -> str:
    """The queue of a provider's requests; its rate is the provider's."""
    return f"provider-{provider}"


Stage = Literal["stage", "plan", "parse", "extract", "embed", "write", "retire", "link", "close"]
State = Literal[
    "queued",
    "running",
    "waiting",
    "paused",
    "cancelling",
    "succeeded",
    "partially_succeeded",
    "failed",
    "cancelled",
]
TERMINAL: frozenset[State] = frozenset({"succeeded", "partially_succeeded", "failed", "cancelled"})


class Message(BaseModel):
    model_config = ConfigDict(frozen=True)


Redo = Literal["parse", "extract", "embed"]


class ImportOptions(Message):
    allow_removals: bool = False
    ask: bool = False
    """Wait for a yes once it is known what there is to do."""
    redo: tuple[Redo, ...] = ()
    """Steps to do again where another version of the parser, the extractor or the embedder has done them."""
    lanes: int = 4
    embedder: str | None = None
    """What the project embeds with from now on: `offline`, or a name of providers.toml; as before if None."""
    extractor: str | None = None
    """What the project's passages are asked from now on: `offline`, or a name of providers.toml; as before if None."""
    max_cost: float | None = None
    """The import waits before providers would have to be paid more than this for it."""

    def for_another(self) -> ImportOptions:
        """What holds for the next import of the source as well."""
        return self.model_copy(update={"ask": False, "redo": (), "embedder": None, "extractor": None})


class Repository(Message):
    """A git repository to fetch, and what of it to read."""

    url: str
    ref: str | None = None
    """A branch, a tag or a commit's whole id; the default branch if None."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    credential: str | None = None
    """The name under which the operator keeps what a private repository asks for."""


class OnlineLibrary(Message):
    """A library of zotero.org to fetch."""

    library: str
    """`users/123` or `groups/456`."""
    collection: str | None = None
    """The key of the one to read, with all that it contains; the whole library if None."""
    credential: str | None = None
    """The name under which the operator keeps the API key that a private library asks for."""


class Choice(Message):
    """Which items of a Zotero library to read. Of several values of a kind any will do; all kinds have to fit."""

    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    item_types: tuple[str, ...] = ()


class Submission(Message):
    """One request to import a source."""

    project: str
    import_id: str
    source_key: str
    kind: str
    name: str
    manifest: str
    """SHA-256 of the blob that lists the files handed over: JSON Lines of path, sha256, size. Empty where none were."""
    repository: Repository | None = None
    library: OnlineLibrary | None = None
    choice: Choice | None = None
    """Everything if None."""
    digest: str
    """SHA-256 over manifest, repository or library, choice and options: equal submissions have equal digests."""
    options: ImportOptions = ImportOptions()
    retry_of: str | None = None
    retry_codes: tuple[str, ...] = ()
    """Take up only what failed for one of these reasons; all if empty."""
    mode: Literal["import", "undo", "remove"] = "import"
    """`remove` retires all that the source asserts."""
    undo_of: str | None = None
    idempotency_key: str | None = None
    """The caller's own name for the request."""
    submitted_at: datetime


class ImportRef(Message):
    project: str
    import_id: str
    source_key: str


class BatchRef(Message):
    project: str
    import_id: str
    source_key: str
    batch: int


class Revision(Message):
    """The state of a repository that an import reads, whatever is pushed meanwhile."""

    commit: str
    name: str | None = None
    """The branch or tag that it was found by."""


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


class ItemCounts(Message):
    total: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    duplicate: int = 0
    skipped: int = 0
    failed: int = 0
    renamed: int = 0
    """Of the added, those that had another name before, under which they are removed."""


class Planned(Message):
    """What an import is to do, known before it does anything."""

    items: ItemCounts
    needs_approval: bool = False
    """It would remove much."""


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


class Reason(Message):
    """Why an import is not simply running."""

    code: str
    message: str
    resume_at: datetime | None = None
    provider: str | None = None
    """That is waited for."""


class GraphCounts(Message):
    """Of the whole project, when the import closed."""

    documents: int = 0
    chunks: int = 0
    concepts: int = 0
    nodes: int = 0
    edges: int = 0


class StageProgress(Message):
    name: Stage
    state: Literal["pending", "running", "waiting", "done", "skipped"]
    unit: str
    done: int = 0
    failed: int = 0
    total: int | None = None
    rate_per_s: float | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    """Of the last thing that was done; null before that, and while there is more to do."""


class Progress(Message):
    """The state of an import as its workflow knows it; answer of the query `progress`."""

    import_id: str
    aliases: tuple[str, ...] = ()
    follow_up: str | None = None
    state: State
    reason: Reason | None = None
    fraction: float
    stages: tuple[StageProgress, ...]
    items: ItemCounts
    planned: Planned | None = None
    """None until it is known."""
    chunks: int = 0
    tokens: int = 0
    """That providers counted."""
    cost: float = 0.0
    """Of these, in the currency of the provider's bill."""
    warnings: int = 0
    attachments_failed: int = 0
    interruptions: int = 0
    """Attempts beyond the first, over all activities."""
    eta_range_s: tuple[float, float] | None = None
    revision: Revision | None = None
    started_at: datetime
    updated_at: datetime


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


class Embedding(Message):
    """The provider that an import's passages are embedded by."""

    provider: str
    """The head of its table, such as `embedding.openai`; its queue is named after it."""
    price_per_million: float = 0.0
    """Of tokens."""
    deadline_s: float
    """Within which a request is answered, or given up."""


class Extraction(Message):
    """The provider whose language model an import's passages are given to."""

    provider: str
    """The head of its table, such as `extraction.groq`."""
    price_per_million_in: float = 0.0
    price_per_million_out: float = 0.0
    """Of tokens."""
    max_answer_tokens: int
    deadline_s: float
    """Within which a request is answered, or given up."""


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


class Refused(Message):
    """What stands in the way of a request to a provider."""

    code: str
    message: str
    resume_at: datetime
    """When to ask again, if nobody asks for it before."""
    for_operator: bool = False
    provider: str | None = None


class EmbedSlice(Message):
    """The passages without a vector from one hash to another: what goes into one request."""

    first: str
    last: str
    tokens: int
    """Estimated."""
    text_tokens: int | None = None
    """To which a passage is cut that was too large as a whole."""


class EmbedPlan(Message):
    """How what has no vector yet is dealt into requests."""

    items: int
    slices: tuple[EmbedSlice, ...]


class EmbedRequest(Message):
    project: str
    import_id: str
    source_key: str
    batch: int | None
    """Whose passages these are; those of the whole project if None."""
    provider: str
    slice: EmbedSlice
    knock: bool = False
    """Ask although the provider is being left alone: somebody said that it is back."""


class EmbedAnswer(Message):
    """What came of a request, read from the store."""

    tokens: int = 0
    cost: float = 0.0
    refused: Refused | None = None
    """Nothing was embedded, and for now nothing will be."""
    bad: str | None = None
    """The provider answered, but nothing that could be used; says why."""
    smaller: tuple[EmbedSlice, ...] = ()
    """What to ask instead, for this was too large."""


class RestRef(Message):
    """The passages of a project that an import's embedder or extractor has not seen, whoever brought them."""

    project: str
    import_id: str
    source_key: str
    after: str | None = None
    """Only those with a hash after this."""


class ExtractPassage(Message):
    """A passage that a language model is to be asked about."""

    passage: str
    """Its hash."""
    tokens: int
    """Of the request without the answer, estimated."""


class ExtractPlan(Message):
    passages: tuple[ExtractPassage, ...]


class ExtractRequest(Message):
    project: str
    import_id: str
    source_key: str
    provider: str
    passage: str
    knock: bool = False
    """Ask although the provider is being left alone: somebody said that it is back."""


class ExtractAnswer(Message):
    """What came of a request, read from the store."""

    tokens: int = 0
    cost: float = 0.0
    refused: Refused | None = None
    """Nothing was asked, and for now nothing will be."""
    bad: str | None = None
    """The provider answered, but nothing that could be used; says why."""


class Unanswered(Message):
    """A request that is given up."""

    request: ExtractRequest
    why: str


class ClosingRecord(Message):
    """How an import ended; the state of a closed import for ever."""

    project: str
    import_id: str
    source_key: str
    state: State
    reason: Reason | None = None
    items: ItemCounts
    graph: GraphCounts
    progress: Progress
    warnings: int = 0
    attachments_failed: int = 0
    interruptions: int = 0
    started_at: datetime
    closed_at: datetime


class Closed(Message):
    record: ClosingRecord
    webhooks: int
    """How many want to hear of it."""


class Telling(Message):
    """An event of an import, for whoever asked to be told."""

    project: str
    import_id: str
    event: Literal["import.closed", "import.waiting"]
    data: Progress | ClosingRecord


class Delivery(Message):
    telling: Telling
    webhook_id: str


class DeleteProject(Message):
    project: str


class Deleted(Message):
    rows: int
    blobs: int


class Watch(Message):
    """To look after imports that were ended from outside, for so long."""

    seconds: float


class Collect(Message):
    """To delete the files that nothing needs any more."""


class Collected(Message):
    """What became of the files in the store; `bytes` are those of the deleted ones, `rows` what was made of them."""

    files: int = 0
    set_aside: int = 0
    deleted: int = 0
    bytes: int = 0
    rows: int = 0


class Sample(Message):
    """Some of the items that one thing is true of."""

    code: str
    count: int
    examples: tuple[str, ...] = ()


class Preview(Message):
    """What an import would do, as the source and the graph are now. Nothing of it was done."""

    revision: Revision | None = None
    items: ItemCounts
    """`total` leaves `removed` out; `skipped` are those that the source itself gives a reason to leave out."""
    files: int
    """To read, each content once."""
    bytes: int
    chunks: int
    tokens: int
    """In the chunks. Both are estimates, from the sizes of the files."""
    cost: float | None = None
    """Of these, by the prices of the providers that would be asked; None where none would be."""
    left_out: tuple[Sample, ...] = ()
    """By reason, also files that the source names and does not bring."""
    duplicates: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Some titles of each."""
    needs_approval: bool
    """It would wait for a yes, for it would remove much."""


class Rescan(Message):
    """Submit a source again as it was submitted the last time."""

    project: str
    source_key: str


class Rescanned(Message):
    import_id: str | None
    """None where the source is there no more."""


class FailBatch(Message):
    batch: BatchRef
    code: str
    detail: str


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
async def plan_embedding(ref: BatchRef) -> EmbedPlan: ...


@activity.defn
async def plan_rest(ref: RestRef) -> EmbedPlan: ...


@activity.defn
async def embed_request(request: EmbedRequest) -> EmbedAnswer: ...


@activity.defn
async def embed_rest(ref: RestRef) -> int: ...


@activity.defn
async def plan_extraction(ref: BatchRef) -> ExtractPlan: ...


@activity.defn
async def plan_extraction_rest(ref: RestRef) -> ExtractPlan: ...


@activity.defn
async def extract_request(request: ExtractRequest) -> ExtractAnswer: ...


@activity.defn
async def give_up_passage(given_up: Unanswered) -> None: ...


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


@activity.defn
async def choose_webhooks(telling: Telling) -> list[str]: ...


@activity.defn
async def deliver_webhook(delivery: Delivery) -> None: ...


@activity.defn
async def begin_deletion(request: DeleteProject) -> list[str]: ...


@activity.defn
async def count_open_imports(request: DeleteProject) -> int: ...


@activity.defn
async def delete_rows(request: DeleteProject) -> int: ...


@activity.defn
async def delete_blobs(request: DeleteProject) -> int: ...


@activity.defn
async def settle_imports(watch: Watch) -> int: ...


@activity.defn
async def collect_blobs(request: Collect) -> Collected: ...


@activity.defn
async def submit_rescan(rescan: Rescan) -> Rescanned: ...


@activity.defn
async def preview_import(submission: Submission) -> Preview: ...


BatchStep = Callable[[BatchRef], Awaitable[StepOutcome]]
