"""Imports whose provider is away for long, and whose fallback does its work: in nobody's silence, and marked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import Rule, Script
from longshore.graph.db import Pool
from longshore.graph.evidence import evidence_of
from longshore.graph.exporting.formats import export
from longshore.providers.settings import Providers
from tests.integration.pier import Pier, bibliography
from workflows.contracts import Fallback, Lacking

ITEMS = 8
UNAUTHORISED = Script(rules=(Rule(do="refuse", status=401),))


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as provider:
        yield provider


@pytest_asyncio.fixture
async def spare() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as provider:
        yield provider


@pytest.fixture
def pier(client: Client, pool: Pool, database_url: str, tmp_path: Path) -> Pier:
    return Pier(client, pool, database_url, tmp_path)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return bibliography(tmp_path / "library.bib", ITEMS)


@pytest.fixture
def readers(fake: FakeProvider, spare: FakeProvider) -> Providers:
    own = {"kind": "openai", "base_url": f"{fake.url}/v1", "model": "reader", "fallback": "spare"}
    other = {"kind": "openai", "base_url": f"{spare.url}/v1", "model": "stand-in", "price_per_million_out": 5}
    return Providers.model_validate({"extraction": {"own": own, "spare": other}})


async def rows(pier: Pier, statement: str, *values: Any) -> list[dict[str, Any]]:
    async with pier.pool.connection() as connection:
        cursor = await connection.execute(statement.encode(), values)
        return await cursor.fetchall()


async def exported(pier: Pier) -> str:
    async with pier.pool.connection() as connection:
        return b"".join([piece async for piece in export(connection, pier.project, "jsonl")]).decode()


async def test_passages_are_read_by_the_fallback_and_by_the_provider_itself_once_it_is_asked_again(
    pier: Pier, fake: FakeProvider, spare: FakeProvider, readers: Providers, library: Path
) -> None:
    fake.follow(UNAUTHORISED)
    async with pier.workers(readers):
        record = await pier.run(library, extractor="own")
        assert (record.state, record.items.added) == ("succeeded", ITEMS)
        [told] = record.progress.fallbacks
        passages = len(spare.calls)
        assert passages >= ITEMS
        assert (told.provider, told.instead_of, told.code) == ("extraction.spare", "extraction.own", "operator_action")
        assert (told.passages, told.active) == (passages, False)
        assert "does not accept the key" in told.message
        assert record.progress.cost > 0, "the fallback is paid"
        stored = await rows(pier, "select distinct model, provider from llm_answers")
        assert stored == [{"model": "stand-in", "provider": "extraction.spare"}]
        assert "extraction.spare" in await exported(pier)
        assert {(one.provider, one.by_fallback) for one in await evidence(pier)} == {("extraction.spare", True)}

        await rows(
            pier,
            "update llm_answers set content = null, failure = 'It declined.' "
            "where text_hash = (select min(text_hash::text)::uuid from llm_answers) returning 1 as done",
        )
        record = await pier.run(library, "again")
        assert record.progress.fallbacks == ()
        assert len(spare.calls) == passages, "what the fallback has answered is not paid for again"
        assert record.progress.without_facts == (
            Lacking(provider="extraction.spare", message="It declined.", passages=1),
        )
        assert record.warnings == 1

        fake.follow(Script())
        await rows(pier, "delete from provider_gates returning 1 as gone")
        calls = len(fake.calls)
        record = await pier.run(library, redo=["extract"])
        assert (record.progress.fallbacks, record.warnings) == ((), 0)
        assert len(fake.calls) - calls == passages
        assert "extraction.spare" not in await exported(pier)
        assert {(one.provider, one.by_fallback) for one in await evidence(pier)} == {("extraction.own", False)}


async def evidence(pier: Pier) -> list[Any]:
    [node] = await rows(
        pier,
        "select target_id from edges where project = %s and kind = 'STATES' order by weight desc, target_id limit 1",
        pier.project,
    )
    async with pier.pool.connection() as connection:
        found = await evidence_of(connection, pier.project, node["target_id"], 100)
    assert found
    return found


async def test_vectors_come_from_another_place_that_serves_the_same_model(
    pier: Pier, fake: FakeProvider, spare: FakeProvider, library: Path
) -> None:
    own = {"kind": "openai", "base_url": f"{fake.url}/v1", "model": "m", "dimensions": 256, "max_items": 4}
    other = {**own, "base_url": f"{spare.url}/v1"}
    providers = Providers.model_validate({"embedding": {"own": {**own, "fallback": "spare"}, "spare": other}})
    fake.follow(Script(rules=(Rule(first=2, do="refuse", status=402),)))
    async with pier.workers(providers):
        record = await pier.run(library, embedder="own", lanes=1)
    assert record.state == "succeeded"
    [told] = record.progress.fallbacks
    by_fallback = sum(call.items for call in spare.calls)
    assert 0 < by_fallback < ITEMS
    assert told == Fallback(
        provider="embedding.spare",
        instead_of="embedding.own",
        active=False,
        code="operator_action",
        message=told.message,
        passages=by_fallback,
    )
    marked = await rows(pier, "select count(*) as vectors from embeddings where made_by = 'embedding.spare'")
    assert marked == [{"vectors": by_fallback}]


@pytest.mark.thorough
async def test_passages_without_facts_are_warnings_with_their_reasons(
    pier: Pier, fake: FakeProvider, readers: Providers, library: Path
) -> None:
    rules = (Rule(text="Number 3 tells", do="decline"), Rule(text="Number 5 tells", do="cut_off"))
    fake.follow(Script(rules=rules))
    async with pier.workers(readers):
        record = await pier.run(library, extractor="own")
        assert record.state == "succeeded"
        assert record.warnings == 2
        [used] = await rows(
            pier, "select sum(tokens + wasted_tokens) as paid, sum(wasted_tokens) as wasted from provider_usage"
        )
        assert record.progress.tokens == used["paid"]
        assert used["wasted"] > 0, "useless answers are paid too"
        reasons = sorted((one.provider, one.passages, one.message) for one in record.progress.without_facts)
        assert [reason[:2] for reason in reasons] == [("extraction.own", 1)] * 2
        assert "cut off" in reasons[0][2] + reasons[1][2]
        assert "declined" in reasons[0][2] + reasons[1][2]
        assert (await pier.run(library)).warnings == 2, "which are still without facts"
