"""What a provider keeps an import waiting for, and until when, is told within a second, wherever somebody looks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from api.__main__ import Server
from api.app import create_app
from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import Rule, Script
from longshore.settings import Settings
from tests.api.streaming import watching
from tests.integration.pier import Handle, Pier, bibliography, providers_of
from workflows.imports import ImportWorkflow

WAITS_S = (100, 200, 300, 400)
WITHIN_S = 1.0
Told = dict[str, dict[float, float]]


async def test_what_is_waited_for_is_told_within_a_second(pier: Pier, fake: FakeProvider, tmp_path: Path) -> None:
    """A machine may be busy for a second, but not each time."""
    rules = [
        Rule(first=call, last=call, do="refuse", status=429, headers={"Retry-After": str(wait)})
        for call, wait in enumerate(WAITS_S, 1)
    ]
    fake.follow(Script(rules=tuple(rules)))
    told: Told = {"query": {}, "attribute": {}, "event": {}}
    async with pier.workers(providers_of(fake, at_once=1)), serving(pier) as server:
        handle = await pier.submit(bibliography(tmp_path / "library.bib", 3), embedder="fake")
        import_id = (await handle.query(ImportWorkflow.progress)).import_id
        path = f"/v1/projects/{pier.project}/imports/{import_id}/events"
        async with watching(server, path) as frames, asyncio.timeout(60):
            watchers = [
                asyncio.create_task(watch_query(handle, told["query"])),
                asyncio.create_task(watch_attribute(handle, told["attribute"])),
                asyncio.create_task(watch_events(frames, told["event"])),
            ]
            for number in range(1, len(WAITS_S) + 1):
                while min(map(len, told.values())) < number:
                    await asyncio.sleep(0.02)
                if number == 1:
                    await listed(
                        pier, handle, "LongshoreState STARTS_WITH 'waiting:provider_rate_limit:embedding.fake'"
                    )
                await handle.signal(ImportWorkflow.resume, import_id)
            assert (await pier.finish(handle)).state == "succeeded"
            for watcher in watchers:
                watcher.cancel()
    refused_at = [call.at + call.seconds for call in fake.calls if call.status == 429]
    assert len(refused_at) == len(WAITS_S), "each time one request finds out"
    for where, times in told.items():
        delays = [seen - refused for refused, (_, seen) in zip(refused_at, sorted(times.items()), strict=True)]
        assert min(delays) < WITHIN_S, f"{where}: {delays}"


async def listed(pier: Pier, handle: Handle, query: str) -> None:
    """Until an operator's question finds the import."""
    while handle.id not in [found.id async for found in pier.client.list_workflows(query)]:
        await asyncio.sleep(0.02)


async def watch_query(handle: Handle, told: dict[float, float]) -> None:
    while True:
        reason = (await handle.query(ImportWorkflow.progress)).reason
        if reason and reason.resume_at:
            assert (reason.code, reason.provider) == ("provider_rate_limit", "embedding.fake")
            told.setdefault(whole(reason.resume_at), time.time())
        await asyncio.sleep(0.02)


async def watch_attribute(handle: Handle, told: dict[float, float]) -> None:
    while True:
        [standing] = (await handle.describe()).search_attributes.get("LongshoreState", [""])
        if str(standing).startswith("waiting:provider_rate_limit:embedding.fake:"):
            told.setdefault(whole(datetime.fromisoformat(str(standing).split(":", 3)[3])), time.time())
        await asyncio.sleep(0.02)


async def watch_events(frames: AsyncIterator[Any], told: dict[float, float]) -> None:
    async for frame in frames:
        reason = frame.data.get("reason") or {}
        if reason.get("resume_at") and reason["code"] == "provider_rate_limit":
            told.setdefault(whole(datetime.fromisoformat(reason["resume_at"])), time.time())


def whole(moment: datetime) -> float:
    return moment.replace(microsecond=0).timestamp()


@asynccontextmanager
async def serving(pier: Pier) -> AsyncIterator[Server]:
    """The API, on a port of its own."""
    settings = Settings(
        home=pier.folder,
        database_url=pier.database_url,
        temporal_address=pier.client.service_client.config.target_host,
        temporal_ui="http://localhost:8233",
    )
    server = Server(create_app(settings), settings)
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield server
    finally:
        server.should_exit = True
        async with asyncio.timeout(10):
            await running


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.02)
