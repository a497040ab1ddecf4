"""How long a provider asks to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.providers.waiting import LONGEST_WAIT_S, retry_after_s

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
IN_7_S = "Sun, 01 Mar 2026 12:00:07 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "abc"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, LONGEST_WAIT_S),
        ({"retry-after": "86400"}, 86_400),
        ({"retry-after": "999999999999999999999"}, LONGEST_WAIT_S),
        ({"retry-after": "1e400"}, LONGEST_WAIT_S),
        ({"retry-after": IN_7_S}, 7),
        ({"retry-after": "Sunday, 01-Mar-26 12:00:07 GMT"}, 7),
        ({"retry-after": "Sun, 01 Mar 2026 11:59:00 GMT"}, 0),
        ({"retry-after": "Sun, 01 Mar 2099 12:00:00 GMT"}, LONGEST_WAIT_S),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "1"}, 1),
        ({"retry-after": "abc", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}, 360),
    ],
)
def test_each_shape_of_retry_after_is_understood(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1s", 1),
        ("20ms", 0.02),
        ("7.66s", 7.66),
        ("2m59.56s", 179.56),
        ("1h2m3s", 3723),
        ("1d", 86_400),
        ("30", 30),
        ("2026-03-01T12:00:09Z", 9),
        ("2026-03-01T11:00:00+00:00", 0),
        (str(int(NOW.timestamp()) + 11), 11),
        (str((int(NOW.timestamp()) + 11) * 1000), 11),
        ("tomorrow", None),
        ("2026-03-01T12:00:09", None),
    ],
)
def test_each_shape_of_a_reset_is_understood(value: str, seconds: float | None) -> None:
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": value}
    assert retry_after_s(headers, NOW) == pytest.approx(seconds)


def test_of_several_limits_only_the_exhausted_ones_count_and_of_them_the_last_to_end() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "3s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "9s",
        "anthropic-ratelimit-requests-remaining": "12",
        "anthropic-ratelimit-requests-reset": "2026-03-01T13:00:00Z",
    }
    assert retry_after_s(headers, NOW) == 9
    headers["anthropic-ratelimit-requests-remaining"] = "0"
    assert retry_after_s(headers, NOW) == 3600


def test_where_something_remains_of_each_limit_the_first_to_be_renewed_counts() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "120",
        "x-ratelimit-reset-tokens": "6s",
    }
    assert retry_after_s(headers, NOW) == 1
    assert retry_after_s({"x-ratelimit-reset": "30"}, NOW) == 30


def test_a_date_is_compared_with_the_providers_own_clock() -> None:
    headers = {"date": "Sun, 01 Mar 2026 12:00:00 GMT", "retry-after": IN_7_S}
    assert retry_after_s(headers, datetime(2031, 1, 1, tzinfo=UTC)) == 7


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date", "x-ratelimit-reset"]), st.text()))
def test_whatever_is_said_the_wait_is_none_or_bounded(headers: dict[str, str]) -> None:
    seconds = retry_after_s(headers, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT_S
