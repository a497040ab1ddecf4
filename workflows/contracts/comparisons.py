"""Comparisons of several ways to import a source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field
from temporalio import activity

from workflows.contracts.message import Message
from workflows.contracts.progress import TERMINAL, Reason, State
from workflows.contracts.submissions import Submission

Step = Literal["import", "retrieval", "structure", "cost"]
STEPS: tuple[Step, ...] = ("import", "retrieval", "structure", "cost")

StepState = Literal["pending", "running", "done", "failed", "cancelled"]
VariantState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ENDED: frozenset[VariantState] = frozenset({"succeeded", "failed", "cancelled"})


class Variant(Message):
    """Settings under a name, and the space beside the project that they make a graph in."""

    name: str
    space: str
    pipeline: Mapping[str, int] = Field(default_factory=dict)
    """As longshore/pipeline.py has them; what is left out is the default."""
    embedder: str | None = None
    extractor: str | None = None


class Questions(Message):
    """What is asked of every variant."""

    each: int = 100
    """Questions of each kind in each language that are drawn from the documents, at most."""
    seed: int = 1
    """Of drawing, and of the intervals."""
    given: str | None = None
    """SHA-256 of the blob with the questions that were given; these are asked as well."""


class Comparison(Message):
    """One source, to be imported in several ways and evaluated."""

    project: str
    comparison_id: str
    submission: Submission
    """Of the source, as if the project itself were to import it."""
    variants: tuple[Variant, ...]
    questions: Questions = Questions()
    step_deadline_s: float = 86_400
    """For each step of each variant, not counting the time that the comparison is paused."""


class ComparisonRef(Message):
    project: str
    comparison_id: str


class VariantRef(Message):
    project: str
    comparison_id: str
    variant: str
    space: str


class OpenSpace(Message):
    ref: VariantRef
    pipeline: Mapping[str, int] = Field(default_factory=dict)


class Retry(Message):
    """To do a variant again from a step on. Nothing of the others is."""

    variant: str
    step: Step | None = None
    """From the one that failed, if None; from the first if none did."""


class Drawn(Message):
    questions: int


class Measured(Message):
    attempt: int


class StepBoard(Message):
    name: Step
    state: StepState
    attempt: int = 0
    """How often it was begun: once, and once more for each retry."""
    interruptions: int = 0
    """Attempts of the engine beyond the first."""
    reason: Reason | None = None
    """Why it failed."""
    started_at: datetime | None = None
    ended_at: datetime | None = None


class VariantBoard(Message):
    name: str
    space: str
    state: VariantState
    import_id: str
    """Of its last import."""
    steps: tuple[StepBoard, ...]


class Board(Message):
    """Where a comparison stands; the answer of the query `board`, and when it has closed its record."""

    project: str
    comparison_id: str
    state: State
    variants: tuple[VariantBoard, ...]
    fraction: float
    """0 to 1, of steps; never less than it was but by a retry; 1 only once the comparison has ended."""
    started_at: datetime
    updated_at: datetime


class ComparisonInput(BaseModel):
    """`board` is set when a comparison that had closed is taken up again."""

    comparison: Comparison
    board: Board | None = None


class Promote(Message):
    project: str
    comparison_id: str
    variant: str


@activity.defn
async def open_comparison(comparison: Comparison) -> None: ...


@activity.defn
async def open_space(request: OpenSpace) -> None: ...


@activity.defn
async def draw_questions(ref: VariantRef) -> Drawn: ...


@activity.defn
async def measure_retrieval(ref: VariantRef) -> Measured: ...


@activity.defn
async def measure_structure(ref: VariantRef) -> Measured: ...


@activity.defn
async def measure_cost(ref: VariantRef) -> Measured: ...


@activity.defn
async def close_comparison(board: Board) -> None: ...


@activity.defn
async def promote_variant(request: Promote) -> None: ...


def outcome_of(variants: tuple[VariantBoard, ...]) -> State:
    """How a comparison ended whose variants all have: two of three are delivered, and said to be."""
    states = {variant.state for variant in variants}
    if states == {"succeeded"}:
        return "succeeded"
    if "succeeded" in states:
        return "partially_succeeded"
    return "failed" if "failed" in states else "cancelled"


def is_closed(board: Board) -> bool:
    return board.state in TERMINAL
