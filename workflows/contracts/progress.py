"""How far an import is while it runs, and how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from workflows.contracts.message import Message
from workflows.contracts.submissions import Revision

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


class Reason(Message):
    """Why an import is not simply running."""

    code: str
    message: str
    resume_at: datetime | None = None
    provider: str | None = None
    """That is waited for."""


class Fallback(Message):
    """A provider that was asked while another was away."""

    provider: str
    instead_of: str
    active: bool
    """It is asked now."""
    code: str
    message: str
    """Why the other one was not asked, the last time."""
    passages: int = 0
    """That it has answered for this import."""


class Lacking(Message):
    """Passages for which a provider has given nothing that could be used, for one reason."""

    provider: str
    message: str
    passages: int


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
    fallbacks: tuple[Fallback, ...] = ()
    """Asked so far, by the provider that was away."""
    without_facts: tuple[Lacking, ...] = ()
    """By reason; these count as warnings too."""
    without_vectors: Lacking | None = None
    """Of the project, by its new embedder; search stays with the vectors that it had. These are warnings too."""
    warnings: int = 0
    attachments_failed: int = 0
    interruptions: int = 0
    """Attempts beyond the first, over all activities."""
    eta_range_s: tuple[float, float] | None = None
    revision: Revision | None = None
    started_at: datetime
    updated_at: datetime


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
