"""Comparisons without a run, and spaces without a comparison."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.client import Client

from longshore.graph import comparisons as store
from longshore.graph.db import Pool
from longshore.ids import comparison_workflow_id, space_of
from longshore.stack.doctor import comparisons

PROJECT = "compared"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparisons, "SETTLED_WITHIN", timedelta(seconds=-60))


async def found(client: Client, pool: Pool) -> dict[str, list[str]]:
    return {finding.code: finding.examples for finding in await comparisons.check_comparisons(client, pool)}


async def begun(client: Client, name: str, workflow_id: str) -> None:
    """A run that nobody works on."""
    await client.start_workflow(name, id=workflow_id, task_queue="nobody", request_eager_start=False)


async def test_open_comparison_has_a_run_and_a_space_its_comparison(client: Client, pool: Pool) -> None:
    run = comparison_workflow_id(PROJECT, "c1")
    kept, left, going = space_of(PROJECT, "c1", 0), space_of(PROJECT, "c2", 0), space_of(PROJECT, "c2", 1)
    async with pool.connection() as connection:
        await store.open_comparison(connection, {"project": PROJECT, "comparison_id": "c1"})
        for space in (kept, left, going):
            await store.open_space(connection, space, {})
    await begun(client, "VariantsWorkflow", run)
    await begun(client, "DeleteProjectWorkflow", f"delete/{going}")
    assert await found(client, pool) == {"spaces_left_over": [left]}
    await client.get_workflow_handle(run).terminate()
    seen = await found(client, pool)
    assert seen.keys() == {"comparisons_without_run", "spaces_left_over"}
    assert seen["comparisons_without_run"][0].startswith(f"{PROJECT}: c1,")

    mends = [finding.mend for finding in await comparisons.check_comparisons(client, pool) if finding.mend]
    for mend in mends:
        await mend()
    async with pool.connection() as connection:
        assert await store.spaces_of(connection, PROJECT) == [kept, going]
        await store.close_comparison(connection, {"project": PROJECT, "comparison_id": "c1", "state": "failed"})
    await client.get_workflow_handle(f"delete/{going}").terminate()
    assert await found(client, pool) == {"spaces_left_over": [going]}
