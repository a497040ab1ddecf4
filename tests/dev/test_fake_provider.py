"""The fake provider itself: what tests and demonstrations rely on."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import FakeLimits, Rule, Script


async def ask(fake: FakeProvider, texts: list[str], path: str = "/v1/embeddings", **more: Any) -> httpx2.Response:
    async with httpx2.AsyncClient(verify=False, trust_env=False) as client:
        return await client.post(fake.url + path, json={"model": "m", "input": texts, **more})


async def test_vectors_follow_from_the_text_and_near_texts_lie_near(fake: FakeProvider) -> None:
    one, other = (await ask(fake, ["a red apple", "x"])).json(), (await ask(fake, ["y", "a red apple"])).json()
    assert one["data"][0]["embedding"] == other["data"][1]["embedding"]
    fake.follow(Script(vary=True))
    assert (await ask(fake, ["x"])).json()["data"] != (await ask(fake, ["x"])).json()["data"]


async def test_the_log_tells_what_came_when_and_what_was_done(fake: FakeProvider, tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    async with FakeProvider(Script(rules=(Rule(first=2, do="refuse", status=503),), keys=("k",)), log=log) as logging:
        async with httpx2.AsyncClient(verify=False, trust_env=False, headers={"Authorization": "Bearer k"}) as client:
            for _ in range(2):
                await client.post(logging.url + "/v1/embeddings", json={"model": "m", "input": ["one", "two three"]})
            shown = (await client.get(logging.url + "/fake/log")).json()["calls"]
        await ask(logging, ["one"])
    assert [(call["did"], call["status"]) for call in shown] == [("answer", 200), ("refuse", 503)]
    assert (shown[0]["items"], shown[0]["tokens"], shown[0]["authorised"]) == (2, 3, True)
    assert shown[0]["texts"] == shown[1]["texts"]
    assert shown[0]["at"] <= shown[1]["at"]
    assert [json.loads(line)["authorised"] for line in log.read_text().splitlines()] == [True, True, False]


async def test_a_call_within_a_retry_after_is_marked(fake: FakeProvider) -> None:
    fake.follow(Script(rules=(Rule(last=1, do="refuse", status=429, headers={"Retry-After-Ms": "1000"}),)))
    await ask(fake, ["one"])
    await ask(fake, ["two"])
    until = fake.state.closed_until
    await asyncio.sleep(max(0, until - time.time()) + 0.01)
    await ask(fake, ["three"])
    assert [call.early for call in fake.calls] == [False, True, False]
    assert fake.calls[1].at < until < fake.calls[2].at


async def test_its_rate_is_kept_by_who_waits_as_told(fake: FakeProvider) -> None:
    fake.follow(Script(limits=FakeLimits(requests_per_s=1)))
    await ask(fake, ["one"])
    refused = await ask(fake, ["two"])
    assert refused.status_code == 429
    await asyncio.sleep(int(refused.headers["retry-after-ms"]) / 1000)
    assert (await ask(fake, ["two"])).status_code == 200


async def test_its_day_ends(fake: FakeProvider) -> None:
    fake.follow(Script(limits=FakeLimits(tokens_per_day=3, quota_wait_s=60)))
    assert (await ask(fake, ["one two three"])).status_code == 200
    refused = await ask(fake, ["four"])
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")


@pytest.mark.parametrize("path", ["/v1/embeddings", "/openai/deployments/m/embeddings?api-version=1"])
async def test_calls_are_counted_for_each_rule_by_path_and_text(fake: FakeProvider, path: str) -> None:
    rules = (Rule(text="poison", do="refuse", status=400), Rule(path="/embeddings", first=2, do="refuse", status=500))
    fake.follow(Script(rules=rules))
    statuses = [(await ask(fake, [text], path)).status_code for text in ("good", "poison", "good")]
    assert statuses == [200, 400, 500]


async def test_another_script_can_be_put_in_place_while_it_runs(fake: FakeProvider) -> None:
    async with httpx2.AsyncClient(verify=False, trust_env=False) as client:
        script = {"rules": [{"do": "refuse", "status": 402}]}
        assert (await client.put(fake.url + "/fake/script", json=script)).status_code == 200
        assert (await client.put(fake.url + "/fake/script", json={"rules": [{"do": "dance"}]})).status_code == 422
    assert (await ask(fake, ["one"])).status_code == 402


async def test_what_is_no_protocol_is_not_found(fake: FakeProvider) -> None:
    assert (await ask(fake, ["one"], "/v1/other")).status_code == 404
    assert not fake.calls
