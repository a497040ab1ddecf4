"""Token buckets: how much a caller may ask for, and how fast that comes back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

_ROUNDING = 1e-6


@dataclass(frozen=True)
class Quota:
    """`requests` at once, which come back evenly over `window_s` seconds."""

    name: str
    requests: int
    window_s: int

    @property
    def policy(self) -> str:
        """As the field RateLimit-Policy says it (draft-ietf-httpapi-ratelimit-headers)."""
        return f'"{self.name}";q={self.requests};w={self.window_s}'


@dataclass(frozen=True)
class Balance:
    """What a request left of its quota."""

    quota: Quota
    granted: bool
    left: int
    full_in_s: int
    """Seconds until all of it is back."""
    next_in_s: int
    """Seconds until one more request would be granted; 0 if it would be now."""


class Buckets:
    """A bucket for every quota and caller. Memory is bounded: a bucket that is full again is as good as none."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, kept: int = 10_000) -> None:
        self._clock = clock
        self._kept = kept
        self._full_at: dict[tuple[str, str], float] = {}

    def take(self, quota: Quota, caller: str) -> Balance:
        """Take one request out of the bucket, if it holds one."""
        return self._balance(quota, caller, cost=1)

    def look(self, quota: Quota, caller: str) -> Balance:
        """As `take`, without taking it."""
        return self._balance(quota, caller, cost=0)

    def _balance(self, quota: Quota, caller: str, cost: int) -> Balance:
        now = self._clock()
        each_s = quota.window_s / quota.requests
        # When the bucket is full again says how full it is now (the generic cell rate algorithm).
        full_at = max(self._full_at.get((quota.name, caller), now), now)
        left = math.floor((quota.window_s - (full_at - now)) / each_s + _ROUNDING)
        granted = left >= 1
        if granted and cost:
            full_at += each_s
            left -= 1
            self._keep((quota.name, caller), full_at, now)
        missing_s = max(0.0, full_at - now + each_s - quota.window_s)
        next_in_s = 0 if left >= 1 else max(1, _whole_s(missing_s))
        return Balance(quota, granted, left, _whole_s(full_at - now), next_in_s)

    def _keep(self, key: tuple[str, str], full_at: float, now: float) -> None:
        if len(self._full_at) >= self._kept and key not in self._full_at:
            self._full_at = {known: at for known, at in self._full_at.items() if at > now}
            while len(self._full_at) >= self._kept:
                self._full_at.pop(next(iter(self._full_at)))
        self._full_at[key] = full_at


def _whole_s(seconds: float) -> int:
    return math.ceil(seconds - _ROUNDING)
