"""What a caller asks for, and the references to it that the steps of an import are given."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from workflows.contracts.message import Message

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


class Revision(Message):
    """The state of a repository that an import reads, whatever is pushed meanwhile."""

    commit: str
    name: str | None = None
    """The branch or tag that it was found by."""


class ImportRef(Message):
    project: str
    import_id: str
    source_key: str


class BatchRef(Message):
    project: str
    import_id: str
    source_key: str
    batch: int


class BatchPassages(BatchRef):
    """The passages of a batch."""

    after: str | None = None
    """Only those with a hash after this."""


class RestRef(Message):
    """The passages of a project that an import's embedder or extractor has not seen, whoever brought them."""

    project: str
    import_id: str
    source_key: str
    after: str | None = None
    """Only those with a hash after this."""
