"""Every worker makes sure of the schedules, and none gets in the way of another or of an operator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from temporalio.client import Client, Schedule, ScheduleIntervalSpec, ScheduleSpec

from worker import schedules
from worker.schedules import ensure_schedules

WANTED = schedules.schedules()


@pytest_asyncio.fixture
async def engine(client: Client) -> AsyncIterator[Client]:
    yield client
    for name in WANTED:
        await client.get_schedule_handle(name).delete()
    async for run in client.list_workflows("WorkflowId starts_with 'sweep/' and ExecutionStatus = 'Running'"):
        await client.get_workflow_handle(run.id).terminate()


async def known(client: Client, name: str) -> Schedule:
    return (await client.get_schedule_handle(name).describe()).schedule


async def test_schedules_are_made_once_and_begin_at_once(engine: Client) -> None:
    await ensure_schedules(engine)
    made = {name: await engine.get_schedule_handle(name).describe() for name in WANTED}
    await ensure_schedules(engine)
    again = {name: await engine.get_schedule_handle(name).describe() for name in WANTED}

    assert {name: found.schedule.spec for name, found in made.items()} == {
        name: schedule.spec for name, schedule in WANTED.items()
    }
    assert all(found.info.num_actions <= 1 for found in again.values())
    assert [found.info.last_updated_at for found in again.values()] == [None for _ in WANTED]


async def test_a_schedule_of_an_older_version_is_brought_up_to_date_and_stays_paused(
    engine: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = {
        name: replace(schedule, spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(timedelta(days=9))]))
        for name, schedule in WANTED.items()
    }
    with monkeypatch.context() as earlier:
        earlier.setattr(schedules, "schedules", lambda: older)
        await ensure_schedules(engine)
    await engine.get_schedule_handle("longshore-collecting").pause(note="while the disk is moved")
    await ensure_schedules(engine)

    found = {name: await known(engine, name) for name in WANTED}
    assert {name: schedule.spec for name, schedule in found.items()} == {
        name: schedule.spec for name, schedule in WANTED.items()
    }
    assert found["longshore-collecting"].state.paused
    assert found["longshore-collecting"].state.note == "while the disk is moved"
    assert not found["longshore-settling"].state.paused
