"""`longshore schedule` and `hook`."""

from __future__ import annotations

import json

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi

SOURCE = "git.cranes"


def test_a_schedule_is_made_shown_and_ended(fake: FakeApi, run: Run) -> None:
    made = run("schedule", SOURCE, "--every", "90m")
    assert made.code == 0, made.err
    assert "every 1 h 30 min" in made.out
    assert fake.schedules[SOURCE]["every_s"] == 5400

    by_cron = run("schedule", SOURCE, "--cron", "0 3 * * *", "--time-zone", "Asia/Seoul")
    assert 'by "0 3 * * *" (Asia/Seoul)' in by_cron.out

    shown = json.loads(run("schedule", SOURCE, "--json").out)
    assert shown["schedule"]["cron"] == "0 3 * * *"

    assert "no schedule any more" in run("schedule", SOURCE, "--off").out
    assert not fake.schedules


def test_two_ways_at_once_are_refused(fake: FakeApi, run: Run) -> None:
    refused = run("schedule", SOURCE, "--every", "1h", "--off")
    assert refused.code == 2
    assert run("schedule", SOURCE, "--every", "soon").code == 2
    assert not fake.schedules


def test_a_hook_is_shown_with_its_secret(fake: FakeApi, run: Run) -> None:
    shown = run("hook", SOURCE)
    assert shown.code == 0
    assert f":{fake.port}/v1/hooks/library/{SOURCE}" in shown.out
    assert "a-secret" in shown.out
