"""What the doctor finds: what it is, why it matters, and what to do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from pydantic import BaseModel, Field, PrivateAttr

Mend = Callable[[], Awaitable[str]]
"""Puts something right, as often as it is called; returns in a sentence what it did."""


class Finding(BaseModel):
    """One kind of inconsistency, however often it occurs.

    A `notice` is worth knowing and needs nothing to be done; with a `problem` something is wrong.
    """

    code: str
    severity: Literal["problem", "notice"] = "problem"
    what: str
    why: str
    remedy: str
    count: int = 1
    examples: list[str] = Field(default_factory=list)
    """At most five."""
    fixable: bool = False
    """Whether `longshore doctor --fix` puts it right."""

    _mend: Mend | None = PrivateAttr(default=None)

    @property
    def mend(self) -> Mend | None:
        return self._mend

    def mended_by(self, mend: Mend) -> Finding:
        self._mend, self.fixable = mend, True
        return self


class Unexamined(BaseModel):
    """What could not be looked at."""

    what: str
    why: str


class Report(BaseModel):
    """What `longshore doctor --json` prints."""

    home: str
    findings: list[Finding] = Field(default_factory=list)
    unexamined: list[Unexamined] = Field(default_factory=list)
    examined: list[str] = Field(default_factory=list)
    """What was looked at, in the order in which it was."""
    mended: list[str] = Field(default_factory=list)
    """What `--fix` has done; `findings` are those that remained."""

    @property
    def problems(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "problem"]
