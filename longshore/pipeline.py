"""What decides how texts become a graph. A project has one pipeline for all that is imported into it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from longshore.parsing.chunking import LATIN_BUDGET


class Pipeline(BaseModel):
    """The settings with their defaults, which are those that a comparison has borne out (docs/comparing.md)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passage: int = Field(default=LATIN_BUDGET, ge=100, le=8000)
    """The most characters of a passage in Latin letters; five ninths of it in Hangul or Han."""
    concepts: int = Field(default=15, ge=1, le=100)
    """The most concepts that a document mentions."""
    partners: int = Field(default=10, ge=1, le=100)
    """The most concepts that one is said to occur with."""
