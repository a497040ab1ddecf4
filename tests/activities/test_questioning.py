"""Questions of a comparison, asked of a provider that does not take them, or answers badly, at first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from numpy.typing import NDArray
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.questioning import BAD_ANSWERS, Questioner
from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import FakeLimits, Rule, Script
from longshore.embedding.choosing import Embedders
from longshore.embedding.static import StaticEmbedder
from longshore.graph import comparisons, records
from longshore.graph.db import Pool
from longshore.ids import space_of
from longshore.providers.refusals import ProviderRefusal
from longshore.providers.settings import Providers
from workflows.contracts.comparisons import VariantRef

REF = VariantRef(project="shelf", comparison_id="c1", variant="fake", space=space_of("shelf", "c1", 0))
QUESTIONS = [f"Which crane lifts cargo {number}?" for number in range(5)]
LONG = "anchor beacon freight quay " * 40


@pytest.fixture(scope="session")
def static() -> StaticEmbedder:
    return StaticEmbedder()


@asynccontextmanager
async def questioner(pool: Pool, static: StaticEmbedder, fake: FakeProvider) -> AsyncIterator[Questioner]:
    """With a variant whose passages the fake provider has embedded."""
    request = {"project": REF.project, "comparison_id": REF.comparison_id}
    submission = {
        "project": REF.space,
        "import_id": "i",
        "source_key": "zotero.shelf",
        "kind": "zotero",
        "name": "shelf",
    }
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (REF.project,))
        await comparisons.open_comparison(connection, request)
        await comparisons.open_space(connection, REF.space, {})
        await records.open_record(connection, submission, "run")
        await connection.execute("update projects set index_embedder = 'fake' where project = %s", (REF.space,))
    table = {"kind": "openai", "base_url": f"{fake.url}/v1", "model": "m", "dimensions": 8}
    embedders = Embedders(static, Providers.model_validate({"embedding": {"fake": table}}))
    yield Questioner(pool, embedders)
    await embedders.close()


async def embed(pool: Pool, asking: Questioner, texts: list[str]) -> NDArray[np.float32]:
    """One attempt of the step."""

    async def attempt() -> NDArray[np.float32]:
        async with pool.connection() as connection:
            _, ask = await asking.embedding(connection, REF)
            return await ask(texts, "query")

    return await ActivityEnvironment().run(attempt)


async def test_what_is_too_large_is_asked_for_in_smaller_pieces(pool: Pool, static: StaticEmbedder) -> None:
    limits = FakeLimits(max_items=2, max_text_tokens=100)
    async with FakeProvider(Script(dimensions=8, limits=limits)) as fake, questioner(pool, static, fake) as asking:
        vectors = await embed(pool, asking, [*QUESTIONS, LONG])
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
        calls = len(fake.calls)
        assert (await embed(pool, asking, [*QUESTIONS, LONG]) == vectors).all()
        assert len(fake.calls) == calls, "what was answered is kept"


@pytest.mark.parametrize("bad", [BAD_ANSWERS - 1, BAD_ANSWERS])
async def test_bad_answers_are_borne_a_few_times(pool: Pool, static: StaticEmbedder, bad: int) -> None:
    script = Script(dimensions=8, rules=(Rule(last=bad, do="nan"),))
    async with FakeProvider(script) as fake, questioner(pool, static, fake) as asking:
        for _ in range(BAD_ANSWERS - 1):
            with pytest.raises(ApplicationError) as told:
                await embed(pool, asking, QUESTIONS)
            assert (told.value.type, told.value.non_retryable) == ("bad_answer", False)
        if bad < BAD_ANSWERS:
            assert len(await embed(pool, asking, QUESTIONS)) == len(QUESTIONS)
        else:
            with pytest.raises(ProviderRefusal):
                await embed(pool, asking, QUESTIONS)
        assert len(fake.calls) == BAD_ANSWERS
