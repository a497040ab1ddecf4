"""What an extractor is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Mention(BaseModel):
    """A concept as one text names it."""

    model_config = ConfigDict(frozen=True)

    term: str
    """Normalised name: what equal concepts share."""
    surface: str
    """The most frequent spelling in the text; of equally frequent ones the smallest."""
    count: int
    score: float


class Extractor(Protocol):
    """Finds the concepts of a text. The answer depends on the text alone."""

    @property
    def name(self) -> str:
        """Names method and version, so that a changed extractor's answers are not mistaken for this one's."""
        ...

    def extract(self, passages: Sequence[str]) -> list[Mention]:
        """The mentions in one text, given as its passages in order; sorted by term."""
        ...
