"""The requests of an import to providers of vectors and of answers."""

from __future__ import annotations

from datetime import datetime

from temporalio import activity

from workflows.contracts.message import Message
from workflows.contracts.submissions import BatchPassages, BatchRef, RestRef


class Embedding(Message):
    """The provider that an import's passages are embedded by."""

    provider: str
    """The head of its table, such as `embedding.openai`; its queue is named after it."""
    price_per_million: float = 0.0
    """Of tokens."""
    deadline_s: float
    """Within which a request is answered, or given up."""
    at_once: int = 0
    """Requests of this import that are worth having under way; 0 in imports that began before this was told."""
    fallback: Embedding | None = None
    """Whose vectors are the same, and which is asked while this one is away for long. Its own fallback is not."""


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
    at_once: int = 0
    """As of `Embedding`."""
    fallback: Extraction | None = None
    """Which is asked while this one is away for long. Its own fallback is not."""


class Refused(Message):
    """What stands in the way of a request to a provider."""

    code: str
    message: str
    resume_at: datetime
    """When to ask again, if nobody asks for it before."""
    for_operator: bool = False
    lasting: bool = False
    """It will not pass soon: a fallback is asked meanwhile, where one is named."""
    until_useful: bool = False
    """The provider answers, and nothing that could be used; another such answer changes nothing."""
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
    instead_of: str | None = None
    """The provider whose fallback is asked."""


class EmbedAnswer(Message):
    """What came of a request, read from the store."""

    tokens: int = 0
    cost: float = 0.0
    refused: Refused | None = None
    """Nothing was embedded, and for now nothing will be."""
    bad: str | None = None
    """The provider answered, but nothing that could be used; says why."""
    passages: int = 0
    """That were embedded in the place of the provider whose fallback was asked."""
    smaller: tuple[EmbedSlice, ...] = ()
    """What to ask instead, for this was too large."""


class ExtractPassage(Message):
    """A passage that a language model is to be asked about."""

    passage: str
    """Its hash."""
    tokens: int
    """Of the request without the answer, estimated."""


class ExtractPlan(Message):
    passages: tuple[ExtractPassage, ...]
    more: bool = False
    """There may be others after the last of these."""


class ExtractRequest(Message):
    project: str
    import_id: str
    source_key: str
    provider: str
    passage: str
    knock: bool = False
    """Ask although the provider is being left alone: somebody said that it is back."""
    instead_of: str | None = None
    """The provider whose fallback is asked."""


class ExtractAnswer(Message):
    """What came of a request, read from the store."""

    tokens: int = 0
    cost: float = 0.0
    refused: Refused | None = None
    """Nothing was asked, and for now nothing will be."""
    bad: str | None = None
    """The provider answered, but nothing that could be used; says why."""
    passages: int = 0
    """For which its answer stands in for that of the provider whose fallback it is: 1 or 0."""


class Unanswered(Message):
    """A request that is given up."""

    request: ExtractRequest
    why: str


@activity.defn
async def plan_embedding(ref: BatchRef) -> EmbedPlan: ...


@activity.defn
async def plan_rest(ref: RestRef) -> EmbedPlan: ...


@activity.defn
async def embed_request(request: EmbedRequest) -> EmbedAnswer: ...


@activity.defn
async def embed_rest(ref: RestRef) -> int: ...


@activity.defn
async def plan_extraction(ref: BatchPassages) -> ExtractPlan: ...


@activity.defn
async def plan_extraction_rest(ref: RestRef) -> ExtractPlan: ...


@activity.defn
async def extract_request(request: ExtractRequest) -> ExtractAnswer: ...


@activity.defn
async def give_up_passage(given_up: Unanswered) -> None: ...
