from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.imports.waiting import without_answer
from workflows.contracts import Reason, State

LATELY, LONG_AGO = timedelta(seconds=3), timedelta(minutes=3)


@pytest.mark.parametrize(
    ("state", "code", "ago", "shown"),
    [
        ("running", None, LATELY, ("running", "worker_unresponsive")),
        ("running", None, LONG_AGO, ("waiting", "no_worker")),
        ("running", None, None, ("waiting", "no_worker")),
        ("cancelling", None, LONG_AGO, ("cancelling", "no_worker")),
        ("paused", "operator_paused", LONG_AGO, ("paused", "operator_paused")),
        ("waiting", "rate_limited", LONG_AGO, ("waiting", "rate_limited")),
        ("waiting", "retry_backoff", LATELY, ("waiting", "retry_backoff")),
        ("waiting", "retry_backoff", LONG_AGO, ("waiting", "no_worker")),
    ],
)
def test_what_is_told_of_an_import_whose_workflow_does_not_answer(
    state: State, code: str | None, ago: timedelta | None, shown: tuple[str, str]
) -> None:
    seen_at = datetime.now(UTC) - ago if ago else None
    reason = Reason(code=code, message="as it was") if code else None
    now_state, now_reason = without_answer(state, reason, seen_at)
    assert (now_state, now_reason.code) == shown
