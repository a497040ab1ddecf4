"""Token buckets, for any course of requests and pauses."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.security.buckets import Balance, Buckets, Quota
from api.security.limits import READS, SUBMISSIONS, UPLOADS
from tests.security.conftest import Gate

QUOTAS = st.builds(Quota, st.just("q"), requests=st.integers(1, 50), window_s=st.integers(1, 120))
PAUSES = st.lists(st.floats(0, 30, allow_nan=False), max_size=200)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def course(quota: Quota, pauses: list[float]) -> list[tuple[float, Balance]]:
    clock = Clock()
    buckets = Buckets(clock)
    taken = []
    for at in accumulate(pauses, initial=1000.0):
        clock.now = at
        taken.append((at, buckets.take(quota, "caller")))
    return taken


@given(QUOTAS, PAUSES)
def test_no_span_of_time_grants_more_than_its_share(quota: Quota, pauses: list[float]) -> None:
    granted = [at for at, balance in course(quota, pauses) if balance.granted]
    rate = quota.requests / quota.window_s
    for first in range(len(granted)):
        for last in range(first, len(granted)):
            most = quota.requests + rate * (granted[last] - granted[first])
            assert last - first + 1 <= most + 1e-3


@given(QUOTAS, PAUSES)
def test_what_it_says_is_left_is_granted(quota: Quota, pauses: list[float]) -> None:
    taken = course(quota, pauses)
    assert taken[0][1].granted
    for (_, before), (_, now) in pairwise(taken):
        assert 0 <= now.left <= quota.requests - 1 or not now.granted
        assert now.granted or before.left == 0
        assert 0 <= now.full_in_s <= quota.window_s
        assert now.granted or now.next_in_s >= 1


@given(QUOTAS)
def test_who_waits_as_told_is_granted(quota: Quota) -> None:
    clock = Clock()
    buckets = Buckets(clock)
    while (balance := buckets.take(quota, "caller")).granted:
        pass
    clock.now += balance.next_in_s
    assert buckets.take(quota, "caller").granted
    clock.now += quota.window_s
    assert buckets.take(quota, "caller").left == quota.requests - 1


@given(QUOTAS, st.integers(1, 100))
def test_a_steady_caller_below_the_rate_never_meets_it(quota: Quota, rounds: int) -> None:
    pause = quota.window_s / quota.requests * 1.001
    assert all(balance.granted for _, balance in course(quota, [pause] * rounds))


def test_callers_do_not_share_and_memory_is_bounded() -> None:
    clock = Clock()
    buckets = Buckets(clock, kept=10)
    quota = Quota("q", requests=1, window_s=60)
    assert buckets.take(quota, "one").granted
    assert buckets.take(quota, "other").granted
    assert not buckets.take(quota, "one").granted
    for number in range(1000):
        clock.now += 1
        buckets.take(quota, str(number))
    assert len(buckets._full_at) <= 10


def test_a_page_that_polls_each_second_never_meets_a_limit() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    for _ in range(600):
        clock.now += 1
        for _ in range(30):  # requests of several tabs
            assert buckets.take(READS, "page").granted


@pytest.mark.parametrize(
    ("method", "path", "quota"),
    [
        ("GET", "/v1/imports", READS),
        ("DELETE", "/v1/session", SUBMISSIONS),
        ("POST", "/v1/projects/harbour/blobs:missing", UPLOADS),
    ],
)
async def test_answers_tell_what_is_left(local: Gate, method: str, path: str, quota: Quota) -> None:
    caller = local.at("127.0.0.9")

    answer = await caller.ask(method, path, json={"sha256": []})

    assert answer.headers["ratelimit-policy"] == quota.policy
    assert answer.headers["ratelimit"] == f'"{quota.name}";r={quota.requests - 1};t=1'


async def test_guesses_at_keys_are_slowed_down_and_good_keys_are_not(guarded: Gate) -> None:
    caller = guarded.at("127.0.0.10")
    answers = [(await caller.ask("GET", "/v1/imports", "no-key")).status_code for _ in range(70)]

    assert answers[0] == 401
    assert answers[-1] == 429
    assert (await caller.ask("GET", "/v1/imports", await guarded.key())).status_code == 200


async def test_too_many_requests_are_told_when_to_come_again(guarded: Gate) -> None:
    key = await guarded.key("write")
    path = "/v1/projects/harbour/imports"

    for _ in range(2 * SUBMISSIONS.requests):
        refused = await guarded.ask("POST", path, key)
        if refused.status_code == 429:
            break
    problem = refused.json()
    assert (problem["code"], problem["violated_policies"]) == ("rate_limited", ["submissions"])
    assert int(refused.headers["retry-after"]) >= 1
    assert '"submissions";r=0;' in refused.headers["ratelimit"]
    assert (await guarded.ask("GET", "/v1/imports", key)).status_code == 200
