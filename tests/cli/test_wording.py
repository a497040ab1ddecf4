"""Numbers, sizes, times and reasons as a person says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from longshore.cli import wording
from longshore.cli.output import clean
from longshore.cli.resources import Import

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.84, "0.8 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (7200, "2 h"),
        (7800, "2 h 10 min"),
        (90_000, "1 day 1 h"),
        (172_800, "2 days"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("octets", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (4_200_000, "4.2 MB"), (123_456_789, "123 MB"), (10**13, "10.0 TB")],
)
def test_sizes(octets: int, words: str) -> None:
    assert wording.size(octets) == words


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (None, ""),
        ((20, 41), "about 20–41 s left"),
        ((60, 130), "about 1–2 min left"),
        ((118, 121), "about 2 min left"),
        ((3600, 9000), "about 1–2 h left"),
    ],
)
def test_what_is_left_is_a_range(bounds: tuple[float, float] | None, words: str) -> None:
    assert wording.eta(bounds) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0 items"), (1, "1 item"), (1204, "1,204 items")])
def test_counts(number: int, words: str) -> None:
    assert wording.counted(number, "item") == words


def test_a_percentage_never_promises_more_than_there_is() -> None:
    assert wording.percent(cast(Import, {"fraction": 0.999})) == "99 %"


def test_a_reason_names_the_time_that_it_ends() -> None:
    then = (NOW + timedelta(seconds=41)).isoformat()

    words = wording.reason({"code": "retry_backoff", "message": "It is tried again.", "resume_at": then}, NOW)

    assert words.startswith("It is tried again; goes on at ")
    assert words.endswith(", in 41 s.")


@pytest.mark.parametrize(
    ("passed", "words"),
    [(3, "just now"), (42, "42 s ago"), (600, "10 min ago"), (7300, "2 h ago"), (260_000, "3 days ago")],
)
def test_how_long_ago(passed: float, words: str) -> None:
    assert wording.ago(NOW - timedelta(seconds=passed), NOW) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[31mb", "a [31mb"), ("조수\r\n이야기", "조수 이야기"), ("\u202eevil\u200b", "evil"), ("\x9b2J", "2J")],
)
def test_nothing_that_moves_a_terminal_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown
