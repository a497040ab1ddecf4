"""How the fake provider refuses, in the words of the real ones."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from longshore.dev.pretending import Protocol
from longshore.dev.script import FakeLimits

_MOMENT = re.compile(r"\{(date|iso|epoch)([+-]\d+)\}")


@dataclass(frozen=True)
class Refusal:
    status: int
    headers: Mapping[str, str]
    body: Any


def limited(limits: FakeLimits, protocol: Protocol, tokens: Sequence[int], used: int, wait_s: float) -> Refusal | None:
    """The refusal of a request with so many tokens in each of its texts; None if it keeps within the limits.

    Args:
        used: Tokens of all requests before.
        wait_s: Seconds until the next request is due.
    """
    if limits.max_items is not None and len(tokens) > limits.max_items:
        said = f"Invalid 'input': array too long. Expected at most {limits.max_items} texts, but got {len(tokens)}."
        return Refusal(400, {}, error_body(protocol, said, "array_above_max_length"))
    if limits.max_text_tokens is not None and max(tokens, default=0) > limits.max_text_tokens:
        said = f"This model's maximum context length is {limits.max_text_tokens} tokens, but you sent {max(tokens)}."
        return Refusal(400, {}, error_body(protocol, said, None))
    if limits.max_tokens is not None and sum(tokens) > limits.max_tokens:
        said = f"Requested {sum(tokens)} tokens, max {limits.max_tokens} tokens per request"
        return Refusal(400, {}, error_body(protocol, said, "max_tokens_per_request"))
    if limits.tokens_per_day is not None and used + sum(tokens) > limits.tokens_per_day:
        said = f"Rate limit reached on tokens per day (TPD): Limit {limits.tokens_per_day}, Used {used}."
        headers = {"Retry-After": str(limits.quota_wait_s)}
        return Refusal(429, headers, error_body(protocol, said, "rate_limit_exceeded"))
    if limits.requests_per_s is not None and wait_s > 0:
        headers = {"Retry-After": str(math.ceil(wait_s)), "Retry-After-Ms": str(math.ceil(wait_s * 1000))}
        return Refusal(429, headers, error_body(protocol, "Rate limit reached for requests.", "rate_limit_exceeded"))
    return None


def error_body(protocol: Protocol, message: str, code: str | None) -> dict[str, Any]:
    """An error in the form of a protocol."""
    if protocol == "cohere":
        return {"id": "fake", "message": message}
    if protocol == "voyage":
        return {"detail": message}
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def filled_in(value: str) -> str:
    """A header's value with its moments, such as `{date+7}`."""

    def moment(match: re.Match[str]) -> str:
        then = datetime.now(UTC) + timedelta(seconds=int(match[2]))
        if match[1] == "date":
            return format_datetime(then, usegmt=True)
        return then.isoformat() if match[1] == "iso" else str(int(then.timestamp()))

    return _MOMENT.sub(moment, value)
