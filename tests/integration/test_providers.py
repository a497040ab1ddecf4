"""Imports embedded by a provider: nothing is paid for twice, and search follows the model that is complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import Rule, Script
from longshore.graph import indexes
from tests.integration.pier import Pier, bibliography, providers_of

ITEMS = 30


async def test_every_text_is_sent_once_and_a_request_is_one_call(
    pier: Pier, fake: FakeProvider, tmp_path: Path
) -> None:
    library = bibliography(tmp_path / "library.bib", ITEMS)
    async with pier.workers(providers_of(fake, price_per_million=1_000)):
        record = await pier.run(library, embedder="fake")
        assert (record.state, record.items.added, record.interruptions) == ("succeeded", ITEMS, 0)
        assert sorted(call.items for call in fake.calls) == [6, 8, 8, 8]
        sent = [text for call in fake.calls for text in call.texts]
        assert len(set(sent)) == len(sent) == ITEMS
        assert record.progress.tokens == sum(call.tokens for call in fake.calls)
        assert record.progress.cost == pytest.approx(record.progress.tokens / 1_000)

        more = bibliography(tmp_path / "more.bib", 4, first=ITEMS - 2)
        assert (await pier.run(more)).state == "succeeded", "the project keeps its embedder"
        assert [call.items for call in fake.calls[4:]] == [2], "what has a vector is not sent again"
    async with pier.pool.connection() as connection:
        assert await indexes.searched(connection, pier.project) == indexes.Index("fake", "m@256")


async def test_another_model_is_switched_to_when_the_whole_project_has_it(
    pier: Pier, fake: FakeProvider, tmp_path: Path
) -> None:
    first, second = bibliography(tmp_path / "a.bib", 10), bibliography(tmp_path / "b.bib", 10, first=10)
    async with pier.workers(providers_of(fake)):
        await pier.run(first)
        assert not fake.calls
        for embedder, model in (("fake", "m"), ("other", "other"), ("offline", None)):
            before = len(fake.calls)
            record = await pier.run(second, f"b-{embedder}", embedder=embedder)
            assert record.state == "succeeded"
            async with pier.pool.connection() as connection:
                found = await indexes.searched(connection, pier.project)
            assert found.embedder == (embedder if model else None)
            assert sum(call.items for call in fake.calls[before:] if call.model == model) == (20 if model else 0)


async def test_a_passage_that_a_new_model_does_not_take_keeps_search_as_it_was_and_is_told(
    pier: Pier, fake: FakeProvider, tmp_path: Path
) -> None:
    first, second = bibliography(tmp_path / "a.bib", 3), bibliography(tmp_path / "b.bib", 2, first=10)
    async with pier.workers(providers_of(fake, max_items=1)):
        await pier.run(first)
        fake.follow(Script(rules=(Rule(text="Number 1 tells", do="refuse", status=413),)))
        record = await pier.run(second, "b", embedder="fake")
        assert (record.state, record.items.added, record.warnings) == ("succeeded", 2, 1)
        assert record.progress.without_vectors
        assert record.progress.without_vectors.passages == 1
        async with pier.pool.connection() as connection:
            assert (await indexes.searched(connection, pier.project)).embedder is None
        fake.follow(Script())
        record = await pier.run(second, "b-again", embedder="fake")
        assert (record.state, record.warnings, record.progress.without_vectors) == ("succeeded", 0, None)
        async with pier.pool.connection() as connection:
            assert (await indexes.searched(connection, pier.project)).embedder == "fake"
