"""Record histories for the replay test: `python -m tests.workflows.record`.

Run it when the recipe has been changed with a patch, and keep the old histories: runs that began before the change
must still replay.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from tests.workflows.harbour import (
    PROVIDER,
    READER,
    SPARE,
    Dock,
    Handle,
    Harbour,
    refused,
    skipping_engine,
    start_import,
    submission,
)
from workflows.contracts import Embedding, Extraction
from workflows.imports import ImportWorkflow

HISTORIES = Path(__file__).parent / "histories"
ID = "zotero.shelf.a"

Scenario = Callable[[Dock, Handle], Awaitable[None]]


async def undisturbed(dock: Dock, handle: Handle) -> None:
    dock.gate.set()


async def rolled_over(dock: Dock, handle: Handle) -> None:
    dock.batches = 40
    dock.gate.set()


async def cancelled(dock: Dock, handle: Handle) -> None:
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.cancel, ID)


async def paused_and_resumed(dock: Dock, handle: Handle) -> None:
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.pause, ID)
    dock.gate.set()
    await handle.signal(ImportWorkflow.resume, ID)


async def followed_up(dock: Dock, handle: Handle) -> None:
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.submit, submission("zotero.shelf.b"))
    await handle.signal(ImportWorkflow.submit, submission("zotero.shelf.c", digest="d2"))
    dock.gate.set()


async def approved(dock: Dock, handle: Handle) -> None:
    dock.removed, dock.needs_approval = 90, True
    dock.gate.set()
    await handle.signal(ImportWorkflow.approve, ID)


async def retried(dock: Dock, handle: Handle) -> None:
    dock.broken = {1}
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.retry_failed, ID)
    dock.gate.set()


async def refused_by_provider(dock: Dock, handle: Handle) -> None:
    """Recorded with an embedder that asks a provider, which refuses twice."""
    dock.embedding = Embedding(provider=PROVIDER, deadline_s=60, at_once=4)
    dock.refusals.extend(refused(timedelta(hours=1)) for _ in range(2))
    dock.gate.set()


async def read_by_a_model(dock: Dock, handle: Handle) -> None:
    """Recorded with a language model that refuses once and never answers about one passage."""
    dock.batches, dock.declined = 3, {"1.1"}
    dock.extraction = Extraction(provider=READER, max_answer_tokens=100, deadline_s=60)
    dock.refusals.append(refused(timedelta(hours=1)))
    dock.gate.set()


async def fallen_back(dock: Dock, handle: Handle) -> None:
    """Recorded with a language model that is away, whose fallback refuses once and never answers about one passage."""
    dock.batches, dock.declined = 3, {"1.1"}
    spare = Extraction(provider=SPARE, max_answer_tokens=100, deadline_s=60)
    dock.extraction = Extraction(provider=READER, max_answer_tokens=100, deadline_s=60, fallback=spare)
    dock.refusals.extend(refused(timedelta(hours=1), lasting=True) for _ in range(3))
    dock.spare_refusals.append(refused(timedelta(minutes=1)))
    dock.gate.set()


SCENARIOS: list[Scenario] = [
    undisturbed,
    rolled_over,
    cancelled,
    paused_and_resumed,
    followed_up,
    approved,
    retried,
    refused_by_provider,
    read_by_a_model,
    fallen_back,
]


async def record(client: Client, harbour: Harbour, scenario: Scenario, version: str) -> None:
    harbour.dock = Dock()
    handle = await start_import(client, submission(ID), f"import/shelf/{scenario.__name__}", "cached")
    run_id, number = (await handle.describe()).run_id, 1
    await scenario(harbour.dock, handle)
    await handle.result()
    while run_id:
        # Histories are rolled over early, so that what comes last is in those of later runs.
        history = await client.get_workflow_handle(handle.id, run_id=run_id).fetch_history()
        place = f".{number}" if number > 1 else ""
        (HISTORIES / f"{scenario.__name__}.{version}{place}.json").write_text(anonymous(history.to_json()))
        last = history.events[-1].workflow_execution_continued_as_new_event_attributes
        run_id, number = last.new_execution_run_id, number + 1


def anonymous(history: str) -> str:
    """Without what names the machine that it was recorded on."""

    def scrub(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: scrub(inner) for key, inner in value.items() if key not in ("identity", "stackTrace")}
        return [scrub(inner) for inner in value] if isinstance(value, list) else value

    return json.dumps(scrub(json.loads(history)), separators=(",", ":"))


async def main(version: str) -> None:
    HISTORIES.mkdir(exist_ok=True)
    harbour = Harbour()
    async with skipping_engine() as client, harbour.serving(client):
        for scenario in SCENARIOS:
            await record(client, harbour, scenario, version)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    # The SDK's runtime can abort the interpreter while it exits on Python 3.11 and 3.12 (sdk-python issue 300).
    os._exit(0)
