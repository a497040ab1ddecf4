"""Vectors from a provider, over HTTP."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import pytest

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.pretending import vector
from longshore.dev.script import FakeLimits, Rule, Script, Trick
from longshore.embedding.base import AsyncEmbedder, Note
from longshore.embedding.remote import RemoteEmbedder
from longshore.providers.refusals import ProviderRefusal
from longshore.providers.settings import EmbeddingProvider
from longshore.providers.tokens import estimated_tokens

TEXTS = [f"text number {n} of a batch" for n in range(7)]
KINDS = [("openai", "/v1", {}), ("azure", "/v1", {"api_version": "1"}), ("cohere", "/v2", {}), ("voyage", "/v1", {})]


def embedder(fake: FakeProvider, kind: str = "openai", path: str = "/v1", **more: Any) -> RemoteEmbedder:
    settings = {"name": "fake", "kind": kind, "base_url": fake.url + path, "model": "m", "dimensions": 256}
    return RemoteEmbedder(EmbeddingProvider.model_validate(settings | more))


async def keep(remote: RemoteEmbedder, kept: list[int]) -> None:
    async for embedded in remote.answers(TEXTS):
        kept += embedded.places


def expected(text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    row = np.array(vector(text, 256))
    unit: np.ndarray[Any, np.dtype[np.float64]] = row / np.linalg.norm(row)
    return unit


@pytest.mark.parametrize(("kind", "path", "more"), KINDS)
async def test_each_protocol_gives_unit_vectors_in_the_order_of_the_texts(
    fake: FakeProvider, kind: str, path: str, more: dict[str, Any]
) -> None:
    fake.follow(Script(rules=(Rule(do="shuffle"),)))
    async with embedder(fake, kind, path, max_items=3, **more) as remote:
        typed: AsyncEmbedder = remote
        vectors = await typed.embed(TEXTS)
    assert (typed.model, typed.dimensions) == ("m@256", 256)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    for row, text in zip(vectors, TEXTS, strict=True):
        assert row == pytest.approx(expected(text), abs=1e-5)
    assert [call.items for call in fake.calls] == [3, 3, 1]


@pytest.mark.parametrize(
    ("kind", "path", "field", "value"),
    [
        ("openai", "/v1", "dimensions", 64),
        ("cohere", "/v2", "output_dimension", 64),
        ("voyage", "/v1", "output_dimension", 64),
        ("cohere", "/v2", "input_type", "search_query"),
        ("voyage", "/v1", "input_type", "query"),
        ("voyage", "/v1", "truncation", False),
        ("cohere", "/v2", "truncate", "NONE"),
    ],
)
async def test_each_protocol_is_told_what_it_needs(
    fake: FakeProvider, kind: str, path: str, field: str, value: object
) -> None:
    fitting = Rule(text=json.dumps({field: value}).strip("{}"))
    fake.follow(Script(rules=(fitting, Rule(do="refuse", status=400))))
    async with embedder(fake, kind, path, shorten=True, dimensions=64) as remote:
        assert (await remote.embed(["a question"], "query")).shape == (1, 64)


async def test_blank_texts_are_not_sent_and_have_no_direction(fake: FakeProvider) -> None:
    async with embedder(fake) as remote:
        vectors = await remote.embed(["", "a word", " \n\t"])
        assert (await remote.embed([])).shape == (0, 256)
        assert (await remote.embed([""])).shape == (1, 256)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([0, 1, 0], abs=1e-6)
    assert [call.items for call in fake.calls] == [1]


async def test_requests_are_cut_by_items_and_by_tokens_alike_each_time(fake: FakeProvider) -> None:
    texts = ["word " * 60] * 4 + ["word"] * 10
    async with embedder(fake, max_items=5, max_tokens=250) as remote:
        assert remote.requests(texts) == remote.requests(texts) == [range(2), range(2, 7), range(7, 12), range(12, 14)]
        await remote.embed(texts)
    assert [call.items for call in fake.calls] == [2, 5, 5, 2]


@pytest.mark.parametrize(
    "trick",
    ["wrong_count", "wrong_dimensions", "nan", "infinity", "zero", "strings", "same_index", "bad_json", "compressed"],
)
async def test_an_answer_that_lies_is_refused_whole(fake: FakeProvider, trick: Trick) -> None:
    fake.follow(Script(rules=(Rule(do=trick),)))
    async with embedder(fake) as remote:
        with pytest.raises(ProviderRefusal) as caught:
            await remote.embed(TEXTS)
    assert caught.value.reason == "bad_answer"
    assert len(fake.calls) == 1


async def test_what_was_answered_before_a_refusal_is_not_lost(fake: FakeProvider) -> None:
    fake.follow(Script(rules=(Rule(first=3, do="refuse", status=429, headers={"Retry-After": "7"}),)))
    kept: list[int] = []
    async with embedder(fake, max_items=2) as remote:
        with pytest.raises(ProviderRefusal) as caught:
            await keep(remote, kept)
        assert (caught.value.reason, caught.value.retry_after, kept) == ("rate_limited", 7, [0, 1, 2, 3])
        fake.follow(Script())
        left = [place for place in range(len(TEXTS)) if place not in kept]
        await remote.embed([TEXTS[place] for place in left])
    asked = [text for call in fake.calls if call.status == 200 for text in call.texts]
    assert len(asked) == len(set(asked)) == len(TEXTS)


async def test_a_request_that_is_too_large_is_halved_until_it_is_taken(fake: FakeProvider) -> None:
    fake.follow(Script(limits=FakeLimits(max_items=2)))
    async with embedder(fake) as remote:
        embedded = [answer async for answer in remote.answers(TEXTS)]
    assert [answer.places for answer in embedded] == [(0,), (1, 2), (3, 4), (5, 6)]
    assert not any(answer.notes for answer in embedded)


async def test_one_text_that_is_too_long_is_cut_and_noted_and_the_others_are_whole(fake: FakeProvider) -> None:
    long = "word " * 4000
    fake.follow(Script(limits=FakeLimits(max_text_tokens=600)))
    async with embedder(fake) as remote:
        embedded = [answer async for answer in remote.answers(["before", long, "after"])]
    notes = [note for answer in embedded for note in answer.notes]
    assert sorted(place for answer in embedded for place in answer.places) == [0, 1, 2]
    assert [(note.place, note.code, note.of_tokens) for note in notes] == [(1, "text_cut", estimated_tokens(long))]
    assert 0 < notes[0].tokens <= 1000
    assert len({text for call in fake.calls for text in call.texts if call.status == 200}) == 3


async def test_a_text_beyond_the_models_own_limit_is_cut_before_it_is_sent(fake: FakeProvider) -> None:
    async with embedder(fake, max_text_tokens=100) as remote:
        embedded = [answer async for answer in remote.answers(["지식 그래프 " * 100, "short"])]
    notes = [note for answer in embedded for note in answer.notes]
    assert notes == [Note(place=0, code="text_cut", tokens=99, of_tokens=567)]
    assert len(fake.calls) == 1


async def test_a_provider_that_takes_no_size_is_not_asked_for_ever(fake: FakeProvider) -> None:
    fake.follow(Script(rules=(Rule(do="refuse", status=413),)))
    async with embedder(fake) as remote:
        with pytest.raises(ProviderRefusal) as caught:
            await remote.embed(["word " * 1000, "another"])
    assert caught.value.reason == "too_large"
    assert len(fake.calls) < 15


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_the_limits_each_text_has_its_own_vector(fake: FakeProvider, seed: int) -> None:
    chance = random.Random(seed)
    texts = ["", *(" ".join(f"w{chance.randrange(40)}" for _ in range(chance.randrange(60))) for _ in range(25))]
    limits = FakeLimits(max_items=chance.randrange(1, 9), max_tokens=chance.randrange(60, 200), max_text_tokens=60)
    fake.follow(Script(rules=(Rule(do="shuffle"),), limits=limits))
    async with embedder(fake, max_items=chance.randrange(1, 20), max_tokens=chance.randrange(50, 500)) as remote:
        vectors = await remote.embed(texts)
    for row, text in zip(vectors, texts, strict=True):
        assert row == pytest.approx(expected(text) if text else 0, abs=1e-5)
    taken = [text for call in fake.calls if call.status == 200 for text in call.texts]
    assert len(taken) == sum(map(bool, texts))


async def test_tokens_are_those_on_the_bill(fake: FakeProvider) -> None:
    async with embedder(fake, "cohere", "/v2") as remote:
        embedded = [answer async for answer in remote.answers(["three plain words", "one"])]
    assert [answer.tokens for answer in embedded] == [4]


async def test_a_failure_at_the_end_fails_loudly(fake: FakeProvider) -> None:
    """As in the system that this replaces: at 86 % one lost connection, and nothing was stored, and nobody was told."""
    fake.follow(Script(rules=(Rule(first=6, do="reset"),)))
    kept: list[int] = []
    async with embedder(fake, max_items=1) as remote:
        with pytest.raises(ProviderRefusal) as caught:
            await keep(remote, kept)
    assert (caught.value.reason, caught.value.passes, kept) == ("unavailable", True, [0, 1, 2, 3, 4])
