"""The API's resources, as far as the command reads them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

TERMINAL = frozenset({"succeeded", "partially_succeeded", "failed", "cancelled"})

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
ItemState = Literal["pending", "done", "unchanged", "skipped", "failed"]


class Source(TypedDict):
    key: str
    kind: str
    name: str


class SourceMatch(Source):
    """A known source that has `shared` of the `of` items that were asked about."""

    shared: int
    of: int


class Reason(TypedDict):
    code: str
    message: str
    resume_at: NotRequired[str | None]


class Stage(TypedDict):
    name: str
    state: Literal["pending", "running", "waiting", "done", "skipped"]
    unit: str
    done: int
    failed: int
    total: int | None
    rate_per_s: float | None


class ItemCounts(TypedDict):
    total: int
    added: int
    changed: int
    unchanged: int
    removed: int
    duplicate: int
    renamed: NotRequired[int]
    skipped: int
    failed: int


class GraphCounts(TypedDict):
    documents: int
    chunks: int
    concepts: int
    nodes: int
    edges: int


class LastError(TypedDict):
    type: str
    message: str
    at: str | None


class Fallback(TypedDict):
    """A provider that was asked while another was away, for `message`'s reason; `active` if it is so now."""

    provider: str
    instead_of: str
    active: bool
    message: str
    passages: int


class Lacking(TypedDict):
    provider: str
    message: str
    passages: int


class Import(TypedDict):
    """An import. Times are RFC 3339, `fraction` is 0 to 1, `eta_range_s` seconds."""

    project: str
    id: str
    source: Source
    mode: NotRequired[Literal["import", "undo", "remove"]]
    state: str
    reason: Reason | None
    live: bool
    worker_seen_at: NotRequired[str | None]
    fraction: float
    stages: list[Stage]
    items: ItemCounts
    chunks: int
    tokens: NotRequired[int]
    cost: NotRequired[float]
    fallbacks: NotRequired[list[Fallback]]
    without_facts: NotRequired[list[Lacking]]
    without_vectors: NotRequired[Lacking | None]
    graph: GraphCounts | None
    warnings: int
    attachments_failed: int
    interruptions: int
    eta_range_s: tuple[float, float] | None
    attempt: int
    last_error: LastError | None
    follow_up: str | None
    created_at: str | None
    started_at: str | None
    updated_at: str | None
    closed_at: str | None
    links: dict[str, str | None]


class Gate(Reason):
    """Why and until when a provider is left alone."""

    state: str
    broken: bool


class Use(TypedDict):
    tokens_today: int
    cost_today: float


class ListedProvider(TypedDict):
    id: str
    model: str
    rps: float | None
    workers: int
    use: Use
    gate: Gate | None
    fallback: NotRequired[str | None]


class ListedProject(TypedDict):
    project: str
    name: str
    created_at: str
    documents: int
    sources: int
    running: int
    deleting: bool


class LastImport(TypedDict):
    id: str
    state: str
    closed_at: str | None


class ListedSource(Source):
    items: int
    last_import: LastImport | None


class Extent(TypedDict):
    """What would go; `blobs` are files, `bytes` their size."""

    documents: int
    items: int
    blobs: int
    bytes: int


class Attachment(TypedDict):
    path: str | None
    title: str
    state: str
    code: str | None
    detail: str | None


class Item(TypedDict):
    key: str
    title: str
    change: str
    state: str
    code: str | None
    detail: str | None
    attachments: list[Attachment]
    document_id: str | None


class Hit(TypedDict):
    """A passage that a search found; `start` and `end` are offsets of characters in its document's text."""

    document_id: str
    title: str
    authors: list[str]
    year: int | None
    page: int | None
    first_line: int | None
    last_line: int | None
    heading: str | None
    start: int
    end: int
    text: str
    score: float
    item_type: str | None


Json = dict[str, Any]


def flat(resource: Import) -> Json:
    """The import as the command prints it: its source is the key that names it, with kind and name beside it."""
    source = resource["source"]
    head = {"project": resource["project"], "id": resource["id"], "source": source["key"]}
    rest = {key: value for key, value in resource.items() if key not in (*head, "source_kind", "source_name")}
    return {**head, "source_kind": source["kind"], "source_name": source["name"], **rest}
