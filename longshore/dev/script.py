"""What the fake provider is told to do: limits that it keeps, and calls that it refuses or lies to."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Trick = Literal[
    "answer",
    "refuse",
    "reset",
    "hang",
    "drip",
    "truncate",
    "endless",
    "bad_json",
    "compressed",
    "wrong_count",
    "wrong_dimensions",
    "nan",
    "infinity",
    "zero",
    "strings",
    "shuffle",
    "same_index",
    "invent",
    "cut_off",
    "decline",
    "prose",
    "obey",
]
"""What is done with a call.

`refuse` answers with `status`, `headers` and `body`. `reset` to `compressed` spoil the transfer; `wrong_count` to
`same_index` the vectors (`shuffle` is allowed: the order stands in the answer); `invent` to `obey` the
chat's answer, the last by saying what follows `ANSWER WITH:` in the passage.
"""


class Rule(BaseModel):
    """What to do with some of the calls."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = ""
    """Only calls whose path contains this."""
    text: str = ""
    """Only calls that send this."""
    first: int = Field(default=1, ge=1)
    """Of the calls that path and text fit, only those from this one on,"""
    last: int | None = None
    """and only to this one."""
    do: Trick = "answer"
    status: int = 503
    headers: dict[str, str] = {}
    """`{date+7}`, `{iso+7}` and `{epoch+7}` within a value become the moment seven seconds from then."""
    body: Any = None
    """Of a refusal. Default: an error in the form of the protocol that was spoken."""
    delay_s: float = Field(default=0, ge=0)
    """Before anything is answered."""
    interval_s: float = Field(default=0.05, gt=0)
    """Between the bytes of a `drip`."""


class FakeLimits(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_s: float | None = Field(default=None, gt=0)
    """What comes earlier than one request's time after the last is refused with 429 and the rest of that time."""
    burst: int = Field(default=1, ge=1)
    """Requests that may come at once after so long a pause."""
    max_items: int | None = None
    max_tokens: int | None = None
    """In one request."""
    max_text_tokens: int | None = None
    tokens_per_day: int | None = None
    """Altogether; then 429 with `quota_wait_s`."""
    quota_wait_s: int = 3600


class Script(BaseModel):
    """The first rule that fits a call is applied to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[Rule, ...] = ()
    limits: FakeLimits = FakeLimits()
    keys: tuple[str, ...] = ()
    """What is accepted; if empty, everything is."""
    dimensions: int = Field(default=256, ge=1, le=4096)
    vary: bool = False
    """Answer differently each time, as language models do."""
