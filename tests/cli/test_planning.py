"""`longshore plan`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi

RUNNING = {"id": "f" * 32, "state": "running", "preview": None, "failure": None}
PREVIEW: dict[str, Any] = {
    "revision": None,
    "items": {
        "total": 9, "added": 5, "changed": 0, "unchanged": 2, "removed": 30, "duplicate": 1, "skipped": 1, "failed": 0,
    },
    "files": 6,
    "bytes": 4_200_000,
    "chunks": 310,
    "tokens": 52_000,
    "cost": 1.2345,
    "left_out": [{"code": "missing_file", "count": 7, "examples": ["files/1/a.pdf", "files/2/b.pdf"]}],
    "duplicates": ["Tides"],
    "removed": ["Old tides"],
    "needs_approval": True,
}  # fmt: skip


def test_a_plan_tells_what_would_be_done_and_left_out_and_nothing_is_submitted(
    fake: FakeApi, run: Run, export: Path
) -> None:
    fake.plans = [RUNNING, {**RUNNING, "state": "ready", "preview": PREVIEW}]

    planned = run("plan", str(export))

    assert planned.code == 0, planned.err
    assert "6 files to read, 4.2 MB; by estimate 310 chunks and 52,000 tokens" in planned.out
    assert "for which providers would be paid about 1.23." in planned.out
    assert "7  The source names a file that was not brought." in planned.out
    assert "files/1/a.pdf, files/2/b.pdf, …" in planned.out
    assert "Old tides" in planned.out
    assert "would wait for" in planned.out
    assert not fake.submissions


def test_for_programs_a_plan_is_json(fake: FakeApi, run: Run, export: Path) -> None:
    fake.plans = [{**RUNNING, "state": "ready", "preview": PREVIEW}]

    lines = [json.loads(line) for line in run("plan", str(export), "--json").out.splitlines()]

    assert lines[-1] == {"event": "plan", **PREVIEW}


def test_a_plan_that_cannot_be_made_says_why(fake: FakeApi, run: Run, export: Path) -> None:
    failure = {"code": "broken_library", "message": "The export ends in the middle. Export it again."}
    fake.plans = [{**RUNNING, "state": "failed", "failure": failure}]

    planned = run("plan", str(export))

    assert planned.code == 2
    assert "The export ends in the middle. Export it again." in planned.err
