"""Many who want the same provider: none waits for all that another has to ask."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from longshore.dev.fake_provider import FakeProvider
from tests.integration.pier import Handle, Pier, bibliography, providers_of
from workflows.imports import ImportWorkflow

ITEMS = 3
"""Of a small import; each is a request."""
ROUNDS = 5
"""What is on its way to the provider when somebody comes cannot be overtaken any more. Sixteen would be unfair."""


@pytest.mark.parametrize(
    ("small", "large", "rps"),
    [(4, 150, 10), pytest.param(50, 3000, 20, marks=pytest.mark.thorough)],
    ids=["a few", "fifty"],
)
async def test_large_import_goes_before_none_of_the_small_ones_for_long(
    pier: Pier, fake: FakeProvider, tmp_path: Path, small: int, large: int, rps: int
) -> None:
    libraries = [bibliography(tmp_path / f"{number}.bib", ITEMS, first=10_000 + 10 * number) for number in range(small)]
    piers = [replace(pier, project=f"{pier.project}-{number}") for number in range(small)]
    async with pier.workers(providers_of(fake, max_items=1, at_once=4, limits={"rps": rps})):
        greedy = await pier.submit(bibliography(tmp_path / "large.bib", large), embedder="fake", lanes=4)
        async with asyncio.timeout(60):
            while len(fake.calls) < rps:
                await asyncio.sleep(0.05)
        modest = [await one.submit(library, embedder="fake") for one, library in zip(piers, libraries, strict=True)]
        async with asyncio.timeout(30 + 5 * small):
            assert {(await handle.result()).state for handle in modest} == {"succeeded"}
        still = await pier.until(greedy, lambda progress: True)
        assert still.state == "running", "all of them came while it wanted the provider"
        await greedy.signal(ImportWorkflow.cancel, still.import_id)
        await pier.finish(greedy)
    owners = await owners_of_passages(pier)
    of_large = [call.at for call in fake.calls if owners[call.texts[0]] == pier.project]
    for one, handle in zip(piers, modest, strict=True):
        asked = [call.at for call in fake.calls if owners[call.texts[0]] == one.project]
        assert len(asked) == ITEMS
        begun = await first_request(handle)
        overtaken = [at for at in of_large if begun < at < max(asked)]
        assert len(overtaken) <= ITEMS + ROUNDS, "a request of its own for each of the others', as the queue deals them"


async def owners_of_passages(pier: Pier) -> dict[str, str]:
    """The project of each passage, by what the provider's log calls it."""
    async with pier.pool.connection() as connection:
        rows = await (await connection.execute("select project, text from chunks")).fetchall()
    return {hashlib.sha256(row["text"].encode()).hexdigest()[:16]: row["project"] for row in rows}


async def first_request(handle: Handle) -> float:
    """When the import put its first request on the provider's queue, which it does with all of a batch."""
    async for event in handle.fetch_history_events():
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name == "embed_request":
            return event.event_time.ToDatetime(UTC).timestamp()
    raise LookupError("it asked for nothing")
