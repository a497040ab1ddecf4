"""How long a provider asks to be left alone, out of the many shapes in which they say it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 86_400.0
"""What asks for more is asked again after a day: an absurd number must not put an import to sleep for years."""
RESETS = ("x-ratelimit-reset", "ratelimit-reset", "anthropic-ratelimit-")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhd]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
# From here on (the year 2001) a number is a moment and not a span; a thousand times as much is one in milliseconds.
_EPOCH_S = 1e9
_EPOCH_MS = 1e12


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None, *, resets: bool = True) -> float | None:
    """Seconds until a provider may be asked again, from 0 to `LONGEST_WAIT_S`; None if it does not say.

    Understood are, in this order: `retry-after-ms`; `retry-after` as a number of seconds or as an HTTP date; and
    `x-ratelimit-reset-*`, `ratelimit-reset` and `anthropic-ratelimit-*-reset` as seconds, as a span such as `6m0s`, or
    as a moment. Of several resets those count whose `remaining` is 0 or not told, and of them the latest; if something
    remains of all, the request was larger than that, and the earliest counts. Moments are compared with the answer's
    own `Date`, so that a clock that is wrong here or there makes no difference. What is past or negative is 0.

    Args:
        headers: Names in lower case, or of a mapping that does not tell cases apart.
        now: The time if the answer has no `Date`.
        resets: Whether limits have to do with it; every answer tells when they are renewed.
    """
    then = _date(headers.get("date", "")) or now or datetime.now(UTC)
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    stated = headers.get("retry-after", "").strip()
    if stated:
        seconds = _number(stated)
        if seconds is not None:
            return _bounded(seconds)
        moment = _date(stated)
        if moment is not None:
            return _bounded((moment - then).total_seconds())
    return _reset_s(headers, then) if resets else None


def _reset_s(headers: Mapping[str, str], then: datetime) -> float | None:
    exhausted: list[float] = []
    not_yet: list[float] = []
    for name, value in headers.items():
        name = name.lower()
        span = _span_s(value, then) if name.startswith(RESETS) and "reset" in name else None
        if span is not None:
            remaining = headers.get(name.replace("reset", "remaining"), "0")
            (exhausted if _number(remaining) == 0 else not_yet).append(span)
    return max(exhausted) if exhausted else min(not_yet, default=None)


def _span_s(value: str, then: datetime) -> float | None:
    value = value.strip()
    seconds = _number(value)
    if seconds is not None:
        if seconds >= _EPOCH_MS and seconds != math.inf:
            seconds /= 1000
        return _bounded(seconds - then.timestamp() if seconds >= _EPOCH_S else seconds)
    if _DURATION.fullmatch(value):
        return _bounded(sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(value)))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return _bounded((moment - then).total_seconds()) if moment.tzinfo else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT_S)
