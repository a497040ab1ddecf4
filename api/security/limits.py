"""How often a caller may ask: in one process, separately for reading, submitting and uploading.

A page that polls each second, in several tabs, never meets a limit, nor does a thousand watchers at once.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

from api.problems import Problem
from api.security.buckets import Balance, Quota
from api.security.origins import DECODING, SAFE

READS = Quota("reads", requests=6000, window_s=60)
SUBMISSIONS = Quota("submissions", requests=600, window_s=60)
UPLOADS = Quota("uploads", requests=30_000, window_s=60)
FAILURES = Quota("failures", requests=60, window_s=60)
"""Keys that are none, for each address."""


def quota_of(method: str, path: str) -> Quota:
    if "/blobs" in path:
        return UPLOADS
    # Temporal's UI asks for every payload that it shows.
    return READS if method in SAFE or path.startswith(DECODING) else SUBMISSIONS


def headers_of(balance: Balance) -> dict[str, str]:
    return {
        "RateLimit-Policy": balance.quota.policy,
        "RateLimit": f'"{balance.quota.name}";r={balance.left};t={balance.full_in_s}',
    }


def add_headers(headers: MutableHeaders, balance: Balance) -> None:
    for name, value in headers_of(balance).items():
        headers[name] = value


def exceeded(balance: Balance) -> Problem:
    quota = balance.quota
    return Problem(
        429,
        "rate_limited",
        f"More than {quota.requests} {quota.name} within {quota.window_s} s.",
        f"Try again in {balance.next_in_s} s.",
        headers={**headers_of(balance), "Retry-After": str(balance.next_in_s)},
        violated_policies=[quota.name],
    )
