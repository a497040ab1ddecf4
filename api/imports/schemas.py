"""Imports as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from api.names import (
    ChosenName,
    CollectionKey,
    CredentialName,
    DisplayName,
    EmbedderName,
    GitRef,
    HandedOverKind,
    LibraryName,
    PathPattern,
    Sha256,
)
from longshore.codes import CODES, ItemCode
from longshore.sources.git.location import LONGEST_URL
from workflows.contracts import (
    Choice,
    Fallback,
    GraphCounts,
    ItemCounts,
    Lacking,
    OnlineLibrary,
    Planned,
    Reason,
    Redo,
    Repository,
    Revision,
    Stage,
    StageProgress,
    State,
)


class Source(BaseModel):
    key: str
    kind: str
    name: str
    repository: Repository | None = None
    """Where a source of kind git is fetched from."""
    library: OnlineLibrary | None = None
    """Where one of kind zotero-web is fetched from."""
    choice: Choice | None = None
    """What of a Zotero library is read; all of it if null."""


class LastError(BaseModel):
    """The newest failure of a step that is being tried again."""

    type: str
    message: str
    at: datetime | None


class Links(BaseModel):
    self: str
    items: str
    events: str
    temporal_ui: str | None


class Import(BaseModel):
    """An import as it stands."""

    project: str
    id: str
    source: Source
    mode: Literal["import", "undo", "remove"] = "import"
    """`undo` takes back what `undo_of` did; `remove` takes back all that the source brought."""
    undo_of: str | None = None
    retry_of: str | None = None
    """The import whose failed items this one takes up again."""
    state: State
    reason: Reason | None = None
    """Why it is not simply running, or why it ended as it did."""
    live: bool = True
    """False when the numbers may be older than what the engine knows."""
    worker_seen_at: datetime | None = None
    """When a worker was last heard of, as far as that is known; null once the import has closed."""
    fraction: float = Field(default=0.0, ge=0, le=1)
    stages: tuple[StageProgress, ...] = ()
    """Empty until the workflow has begun."""
    items: ItemCounts = ItemCounts()
    """As far as they are settled."""
    planned: Planned | None = None
    """What it is to do; null until that is known."""
    chunks: int = 0
    tokens: int = 0
    """That providers counted."""
    cost: float = 0.0
    """Of these, in the currency of the provider's bill."""
    fallbacks: tuple[Fallback, ...] = ()
    """Providers that were asked while others were away, and what they have done; what they do now if `active`."""
    without_facts: tuple[Lacking, ...] = ()
    """Passages that no language model has answered usefully, by reason. They count as warnings."""
    without_vectors: Lacking | None = None
    """Passages of the project that its new embedder gave no vector for, counted when the import closes: search stays
    with the vectors that it had. They count as warnings."""
    graph: GraphCounts | None = None
    """Of the whole project, when the import closed."""
    warnings: int = 0
    attachments_failed: int = 0
    interruptions: int = 0
    eta_range_s: tuple[float, float] | None = None
    revision: Revision | None = None
    """The commit that is read, once a repository was fetched."""
    attempt: int = 1
    """The highest attempt among the steps under way."""
    last_error: LastError | None = None
    follow_up: str | None = None
    """The import of the same source that starts when this one has closed."""
    created_at: datetime | None = None
    started_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    links: Links


class ImportList(BaseModel):
    """Imports without a closing record first, then the closed ones, each the newest first."""

    imports: list[Import]
    next_page_token: str | None = None


class ImportAnswer(BaseModel):
    import_: Import = Field(serialization_alias="import")


class Choosing(BaseModel):
    """Which items of a Zotero library to read. Of several values of a kind any will do; all kinds have to fit."""

    collections: list[ChosenName] = Field(default_factory=list, max_length=100)
    """By name, each with all that it contains; `Outer/Inner` names one within another."""
    tags: list[ChosenName] = Field(default_factory=list, max_length=100)
    item_types: list[ChosenName] = Field(default_factory=list, max_length=100, examples=[["journalArticle", "book"]])
    """As Zotero names them; `attachment` and `note` are files and notes of their own."""

    def choice(self) -> Choice | None:
        """Equal for equal choices, in whatever order they are made."""
        chosen = (self.collections, self.tags, self.item_types)
        collections, tags, item_types = (tuple(sorted(set(values))) for values in chosen)
        return Choice(collections=collections, tags=tags, item_types=item_types) if any(chosen) else None


class CargoRequest(Choosing):
    """A source of which the caller has uploaded the files. Kind `zotero` alone has items to choose from."""

    kind: HandedOverKind
    name: DisplayName
    manifest: Sha256
    """Of the blob that lists the files: JSON Lines of path, sha256 and size, sorted by path."""

    @model_validator(mode="after")
    def _has_what_is_chosen(self) -> Self:
        if self.kind != "zotero" and self.choice():
            raise ValueError(f"collections, tags and item_types cannot be chosen of a source of kind {self.kind}")
        return self


class RepositoryRequest(BaseModel):
    """A git repository that a worker fetches."""

    kind: Literal["git"]
    url: str = Field(max_length=LONGEST_URL, examples=["https://example.org/group/project.git"])
    """By https, without user name or password."""
    ref: GitRef | None = None
    """A branch, a tag, or a commit's whole id; the default branch if absent."""
    name: DisplayName | None = None
    """Host and path of the URL if absent."""
    include: list[PathPattern] = Field(default=[], max_length=100)
    """Paths to read, as patterns in the syntax of .gitignore; all if empty."""
    exclude: list[PathPattern] = Field(default=[], max_length=100)
    credential: CredentialName | None = None
    """The name under which the operator keeps what a private repository asks for."""


class LibraryRequest(Choosing):
    """A library of zotero.org that a worker fetches."""

    kind: Literal["zotero-web"]
    library: LibraryName = Field(examples=["groups/456"])
    """`users/123` or `groups/456`."""
    collection: CollectionKey | None = None
    """The key of the only one to read, with all that it contains, as it stands in the address of its page."""
    name: DisplayName | None = None
    """As `library` if absent."""
    credential: CredentialName | None = None
    """The name under which the operator keeps the API key that a private library asks for."""


SourceRequest = Annotated[CargoRequest | RepositoryRequest | LibraryRequest, Field(discriminator="kind")]


class OptionsRequest(BaseModel):
    allow_removals: bool = False
    """Also when more than 20 items and 20 % of them would go."""
    ask: bool = False
    """Wait for `:approve` once it is known what there is to do; not if there is nothing to do."""
    redo: frozenset[Redo] = frozenset()
    """Steps to do again for what has not changed, where another version has done them: `parse` and `extract` for what
    the source brings, `embed` for the whole project. The other steps are left as they are."""
    embedder: EmbedderName | None = None
    """What the project embeds with from now on: `offline`, or the name of a table of the providers."""
    extractor: EmbedderName | None = None
    """What reads the project's passages for facts from now on: `offline` for nothing, or the name of a table of the
    providers."""
    max_cost: float | None = Field(default=None, gt=0)
    """Wait before providers would have to be paid more than this for the import."""


class PlanRequest(BaseModel):
    source: SourceRequest
    options: OptionsRequest = OptionsRequest()


class ImportRequest(PlanRequest):
    on_conflict: Literal["queue", "refuse"] = "queue"
    """What to do while another import of the source runs."""


class RetryRequest(BaseModel):
    codes: list[ItemCode] = Field(default=[], max_length=100)
    """Only what failed for one of these reasons; all if empty."""


class CancelRequest(BaseModel):
    undo: bool = False
    """Take back what was committed, by an import that follows."""


class Submitted(ImportAnswer):
    submission: Literal["started", "queued", "attached"]
    """`attached`: an equal submission was there already, and this is its import."""
    replayed: bool = Field(default=False, exclude=True)
    """The request was made before under the same Idempotency-Key."""


class KnownSource(Source):
    known: bool
    """Whether the project has this source already, so that only what changed would be done."""


class Validated(BaseModel):
    """A request that would be taken."""

    valid: Literal[True] = True
    files: int | None
    """Null for what a worker fetches, which is not looked at before it is imported."""
    bytes: int | None
    source: KnownSource


Code = Annotated[
    ItemCode, Field(description="Why it was not read.\n\n" + "\n".join(f"- `{c}`: {m.text}" for c, m in CODES.items()))
]


class Attachment(BaseModel):
    path: str
    title: str
    state: Literal["read", "missing", "skipped", "failed"]
    code: Code | None = None
    detail: str | None = None


class Item(BaseModel):
    key: str
    title: str
    change: Literal["added", "changed", "unchanged", "duplicate", "removed"]
    state: Literal["pending", "done", "unchanged", "skipped", "failed"]
    stage: Stage | None
    """Where it was found that the item, or else a file of it, could not be read."""
    code: Code | None
    detail: str | None
    attempts: int
    """How often it was taken up in this import."""
    attachments: list[Attachment]
    document_id: UUID | None
    renamed_from: str | None = None
    """The key that it had before, where only that has changed."""


class ItemPage(BaseModel):
    items: list[Item]
    next_page_token: str | None


class Heartbeat(BaseModel):
    server_time: datetime
