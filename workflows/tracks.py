"""How far each variant of a comparison is: the one place that knows, changed by what its steps answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from workflows.contracts import Reason, State
from workflows.contracts.comparisons import (
    ENDED,
    STEPS,
    Board,
    Comparison,
    Step,
    StepBoard,
    StepState,
    VariantBoard,
    VariantState,
)


class Place(BaseModel):
    """A step of a variant."""

    name: Step
    state: StepState = "pending"
    attempt: int = 0
    interruptions: int = 0
    reason: Reason | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


class Track(BaseModel):
    """A variant on its way through the steps."""

    name: str
    space: str
    source_key: str
    submission: str
    """What its imports' ids begin with after the source's key."""
    state: VariantState = "queued"
    steps: list[Place]

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def import_id(self) -> str:
        return f"{self.source_key}.{self.submission}-{max(1, self.place('import').attempt)}"

    @property
    def imported(self) -> bool:
        return self.place("import").state == "done"

    def place(self, step: Step) -> Place:
        return next(place for place in self.steps if place.name == step)

    def left(self) -> list[Step]:
        """The steps that are to be done, in their order."""
        return [place.name for place in self.steps if place.state != "done"]

    def begin(self, step: Step, now: datetime) -> None:
        place = self.place(step)
        place.state, place.attempt, place.started_at = "running", place.attempt + 1, now
        place.reason = place.ended_at = None

    def end(self, step: Step, state: StepState, now: datetime, reason: Reason | None = None) -> None:
        place = self.place(step)
        place.state, place.ended_at, place.reason = state, now, reason

    def rewind(self, step: Step | None) -> None:
        """Forget what was done from a step on; from the first that is not done, or else from the first of all."""
        left = self.left()
        step = step or (left[0] if left else STEPS[0])
        if left and STEPS.index(left[0]) < STEPS.index(step):
            step = left[0]  # what comes before was never done
        for place in self.steps[STEPS.index(step) :]:
            place.state, place.reason, place.ended_at = "pending", None, None
        self.state = "queued"

    def board(self) -> VariantBoard:
        return VariantBoard(
            name=self.name,
            space=self.space,
            state=self.state,
            import_id=self.import_id,
            steps=tuple(StepBoard(**place.model_dump()) for place in self.steps),
        )


def tracks_of(comparison: Comparison, board: Board | None) -> dict[str, Track]:
    """By the names of the variants: at their beginning, or as a board has them."""
    known = {variant.name: variant for variant in board.variants} if board else {}
    beginning = [StepBoard(name=step, state="pending") for step in STEPS]
    return {
        variant.name: Track(
            name=variant.name,
            space=variant.space,
            source_key=comparison.submission.source_key,
            submission=f"{comparison.comparison_id}-{number}",
            state=known[variant.name].state if known else "queued",
            steps=[Place(**step.model_dump()) for step in (known[variant.name].steps if known else beginning)],
        )
        for number, variant in enumerate(comparison.variants)
    }


def board_of(
    comparison: Comparison, tracks: dict[str, Track], state: State, started_at: datetime, now: datetime
) -> Board:
    variants = tuple(track.board() for track in tracks.values())
    settled = sum(len(STEPS) if track.ended else len(STEPS) - len(track.left()) for track in tracks.values())
    closed = state in ("succeeded", "partially_succeeded", "failed", "cancelled")
    return Board(
        project=comparison.project,
        comparison_id=comparison.comparison_id,
        state=state,
        variants=variants,
        fraction=1.0 if closed else round(min(0.999, settled / (len(STEPS) * len(tracks))), 4),
        started_at=started_at,
        updated_at=now,
    )
