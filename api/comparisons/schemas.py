"""What callers of comparisons send and are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.imports.schemas import CargoRequest, LibraryRequest, RepositoryRequest
from api.names import Sha256, SourceKey
from longshore.evaluation.language import Language
from longshore.evaluation.measures import Estimate
from longshore.evaluation.questions import Target
from longshore.evaluation.structure import Structure
from longshore.pipeline import Pipeline
from workflows.contracts import State
from workflows.contracts.comparisons import Step, StepBoard, VariantState

MOST_VARIANTS = 20

VariantName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class VariantRequest(Pipeline):
    """Settings under a name. What is left out is the default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: VariantName
    embedder: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}$")] | None = None
    """`offline`, or a name of providers.toml; that of new projects if absent."""
    extractor: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}$")] | None = None
    """`offline`, or a language model of providers.toml; that of new projects if absent."""

    def pipeline(self) -> dict[str, int]:
        return self.model_dump(include=set(Pipeline.model_fields), exclude_defaults=True)


class QuestionsRequest(BaseModel):
    each: int = Field(default=100, ge=0, le=500)
    """Questions of each kind in each language that are drawn from the documents, at most."""
    seed: int = Field(default=1, ge=0, le=2**31)
    given: Sha256 | None = None
    """Of an uploaded blob: JSON Lines of `question`, `document` (title or DOI) and, if any, `quote`."""


class KnownRequest(BaseModel):
    """A source of the project, read as its newest import was asked to read it."""

    kind: Literal["known"]
    key: SourceKey


class ComparisonRequest(BaseModel):
    source: Annotated[CargoRequest | RepositoryRequest | LibraryRequest | KnownRequest, Field(discriminator="kind")]
    variants: list[VariantRequest] = Field(min_length=1, max_length=MOST_VARIANTS)
    questions: QuestionsRequest = QuestionsRequest()
    step_deadline_s: float = Field(default=86_400, ge=1, le=30 * 86_400)
    """For each step of each variant."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [variant.name for variant in self.variants]
        if len(set(names)) < len(names):
            raise ValueError("two variants have the same name")
        return self


class RetryVariant(BaseModel):
    variant: VariantName
    step: Step | None = None
    """From the one that failed, if absent."""


class PromoteVariant(BaseModel):
    variant: VariantName


class Group(BaseModel):
    """Questions of one kind in one language, apart from all others."""

    kind: Target
    """`sentence` for its passage, `sentence-document` the same questions for the document."""
    language: Language
    """By script: `en` is whatever is written in Latin letters."""
    questions: int
    measures: dict[Literal["recall_1", "recall_10", "mrr", "ndcg_10"], Estimate]
    """Each with a 95 % interval (bootstrap over the questions)."""


class Retrieval(BaseModel):
    model: str
    """Whose vectors the search used."""
    groups: list[Group]


class Spent(BaseModel):
    chunks: int
    texts: int
    """Different passages: each is embedded once, for all variants."""
    tokens: int
    """Of these, estimated, as if none had been embedded before."""
    bytes: int
    """Of passages, index words and vectors in the database."""
    seconds: float
    """From the beginning to the end of the import; what another variant had done already took none."""
    money: float
    """What providers were paid, in the currency of their bills."""
    failed: int
    """Items that could not be imported."""


class Measures(BaseModel):
    """Null for a step that is not done."""

    retrieval: Retrieval | None = None
    structure: Structure | None = None
    cost: Spent | None = None


class Variant(BaseModel):
    name: str
    settings: VariantRequest
    state: VariantState
    steps: list[StepBoard]
    progress: float | None = Field(default=None, ge=0, le=1)
    """Of its import, while that runs."""
    measures: Measures


class ComparisonLinks(BaseModel):
    self: str


class Comparison(BaseModel):
    """One source through several pipelines, as it stands."""

    project: str
    id: str
    source: str
    """The key of the source."""
    name: str
    """What the source is called."""
    state: State
    live: bool = True
    """False when no worker answers, and steps may have come further."""
    fraction: float = Field(ge=0, le=1)
    questions: int
    """That are asked; 0 until they have been drawn."""
    variants: list[Variant]
    promoted: str | None = None
    """The variant that the project serves."""
    created_at: datetime
    closed_at: datetime | None = None
    links: ComparisonLinks


class ComparisonList(BaseModel):
    comparisons: list[Comparison]
    """The newest first."""
