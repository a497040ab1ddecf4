"""The nights of the systems that this one replaces, with a provider that refuses as theirs did."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from psycopg.conninfo import make_conninfo
from temporalio.client import Client

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import FakeLimits, Rule, Script
from longshore.graph.db import open_pool
from longshore.stack.postgres import PostgresServer
from tests.integration.pier import Handle, Pier, bibliography, providers_of
from workflows.imports import ImportWorkflow

ITEMS = 64
CALLS = 8
AT_ONCE = 4
"""Calls of one worker."""
LONG = (
    "@article{long, title = {A long one}, author = {Example, Author}, year = 2001, "
    f"abstract = {{{' '.join(f'word{number}' for number in range(300))}}} }}\n"
)


@dataclass(frozen=True)
class Undisturbed:
    library: Path
    digests: dict[str, str]


@pytest_asyncio.fixture(scope="module")
async def undisturbed(
    client: Client, postgres: PostgresServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Undisturbed]:
    """The library imported with nothing in its way: what every other import of it must equal."""
    folder = tmp_path_factory.mktemp("undisturbed")
    library = bibliography(folder / "library.bib", ITEMS)
    async with await psycopg.AsyncConnection.connect(postgres.admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("create database undisturbed template {}").format(sql.Identifier(template)))
    url = make_conninfo(postgres.admin_url, dbname="undisturbed")
    pool = await open_pool(url, max_size=2)
    pier = Pier(client, pool, url, folder)
    async with FakeProvider() as fake, pier.workers(providers_of(fake)):
        assert (await pier.run(library, embedder="fake")).state == "succeeded"
        assert len(fake.calls) == CALLS
    yield Undisturbed(library, await pier.digests())
    await pool.close()


def waits(code: str) -> Any:
    return lambda progress: progress.state == "waiting" and progress.reason.code == code


async def import_through(pier: Pier, fake: FakeProvider, library: Path, workers: int = 1, **settings: Any) -> Any:
    async with pier.workers(providers_of(fake, **settings), workers):
        return await pier.run(library, embedder="fake")


async def test_storm_of_429_is_waited_out_by_all_workers_and_costs_no_more_than_what_was_under_way(
    pier: Pier, fake: FakeProvider, undisturbed: Undisturbed
) -> None:
    storm = [
        Rule(first=3, last=4, do="refuse", status=429, headers={"Retry-After": "6"}),
        Rule(first=5, last=5, do="refuse", status=429, headers={"Retry-After-Ms": "300"}),
        Rule(first=6, last=6, do="refuse", status=429, headers={"Retry-After": "-1"}),
        Rule(first=7, last=7, do="refuse", status=429, headers={"Retry-After": "{date+1}"}),
    ]
    fake.follow(Script(rules=tuple(storm)))
    async with pier.workers(providers_of(fake), 2):
        handle = await pier.submit(undisturbed.library, embedder="fake")
        waiting = await pier.until(handle, waits("provider_rate_limit"))
        assert waiting.reason
        assert waiting.reason.resume_at
        assert "fake" in waiting.reason.message
        [embed] = [stage for stage in waiting.stages if stage.name == "embed"]
        assert embed.state == "waiting"
        described = await handle.describe()
        assert described.typed_search_attributes
        record = await pier.finish(handle)
    assert (record.state, record.items.added, record.items.failed) == ("succeeded", ITEMS, 0)
    refused = [call for call in fake.calls if call.status == 429]
    closed_at = min(call.at + call.seconds for call in refused)
    assert not [call for call in fake.calls if call.early and call.at > closed_at + 0.5]
    assert await pier.digests() == undisturbed.digests


async def test_embeddings_that_fail_at_86_percent_go_on_there(
    pier: Pier, fake: FakeProvider, undisturbed: Undisturbed
) -> None:
    fake.follow(Script(rules=(Rule(first=7, last=9, do="refuse", status=503),)))
    record = await import_through(pier, fake, undisturbed.library)
    assert (record.state, record.items.added) == ("succeeded", ITEMS)
    assert len([call for call in fake.calls if call.status == 200]) == CALLS, "what was embedded is not asked for again"
    assert await pier.digests() == undisturbed.digests


@pytest.mark.thorough
async def test_token_limit_that_one_long_chunk_exceeds_has_it_cut_and_delays_no_other(
    pier: Pier, fake: FakeProvider, tmp_path: Path
) -> None:
    fake.follow(Script(limits=FakeLimits(max_text_tokens=100)))
    library = bibliography(tmp_path / "library.bib", 15, extra=LONG)
    record = await import_through(pier, fake, library)
    assert (record.state, record.items.added, record.items.failed) == ("succeeded", 16, 0)
    answered = [call for call in fake.calls if call.status == 200]
    assert sum(call.items for call in answered) == record.progress.chunks
    assert max(call.tokens for call in fake.calls if call.status == 400 and call.items == 1) > 100


async def test_key_that_is_refused_waits_for_the_operator_and_the_same_import_goes_on_with_another(
    pier: Pier, fake: FakeProvider, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("an-old-one")
    fake.follow(Script(keys=("a-new-one",)))
    async with pier.workers(providers_of(fake, secret=f"file:{key}")):
        handle = await pier.submit(undisturbed.library, embedder="fake")
        waiting = await pier.until(handle, waits("operator_action"))
        assert waiting.reason
        assert waiting.reason.resume_at is None
        await nothing_under_way(handle)
        calls = len(fake.calls)
        assert calls <= AT_ONCE
        await handle.signal(ImportWorkflow.resume, waiting.import_id)
        await until_calls(fake, calls + 1)
        await nothing_under_way(handle)
        assert (await pier.until(handle, waits("operator_action"))).items.added == 0
        assert len(fake.calls) == calls + 1, "one call finds out that nothing has changed"
        key.write_text("a-new-one")
        await handle.signal(ImportWorkflow.resume, waiting.import_id)
        record = await pier.finish(handle)
    assert (record.state, record.items.added) == ("succeeded", ITEMS)
    assert await pier.digests() == undisturbed.digests


@pytest.mark.thorough
async def test_import_waits_before_it_costs_more_than_it_may(
    pier: Pier, fake: FakeProvider, undisturbed: Undisturbed
) -> None:
    async with pier.workers(providers_of(fake, price_per_million=1_000)):
        handle = await pier.submit(undisturbed.library, embedder="fake", max_cost=1.5)
        capped = await pier.until(handle, waits("cost_cap"))
        assert 0 < capped.cost <= 1.5
        assert capped.tokens == sum(call.tokens for call in fake.calls)
        assert 0 < len(fake.calls) < CALLS
        while True:
            progress = await pier.until(handle, lambda progress: progress.state in ("waiting", "succeeded"))
            if progress.state == "succeeded":
                break
            await handle.signal(ImportWorkflow.resume, progress.import_id)
        record = await pier.finish(handle)
    assert (record.state, record.items.added) == ("succeeded", ITEMS)
    assert len(fake.calls) == CALLS


@pytest.mark.thorough
async def test_answers_that_cannot_be_used_are_asked_for_again(
    pier: Pier, fake: FakeProvider, undisturbed: Undisturbed
) -> None:
    fake.follow(Script(rules=(Rule(first=2, last=2, do="nan"), Rule(first=4, last=4, do="truncate"))))
    record = await import_through(pier, fake, undisturbed.library)
    assert (record.state, record.items.added) == ("succeeded", ITEMS)
    assert await pier.digests() == undisturbed.digests


async def nothing_under_way(handle: Handle) -> None:
    async with asyncio.timeout(30):
        while (await handle.describe()).raw_description.pending_activities:
            await asyncio.sleep(0.05)


async def until_calls(fake: FakeProvider, count: int) -> None:
    async with asyncio.timeout(30):
        while len(fake.calls) < count:
            await asyncio.sleep(0.05)


@pytest.mark.thorough
async def test_small_import_is_not_held_up_by_a_large_one(pier: Pier, fake: FakeProvider, tmp_path: Path) -> None:
    large = bibliography(tmp_path / "large.bib", 200)
    small = bibliography(tmp_path / "small.bib", 8, first=1000)
    async with pier.workers(providers_of(fake, max_items=2, limits={"rps": 10})):
        first = await pier.submit(large, embedder="fake")
        await until_calls(fake, 12)
        record = await pier.run(small)
        assert record.state == "succeeded"
        assert (await pier.until(first, lambda progress: True)).state == "running"
        await first.signal(ImportWorkflow.cancel, (await pier.until(first, lambda progress: True)).import_id)
        assert (await pier.finish(first)).state == "cancelled"
