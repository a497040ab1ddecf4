"""Asking once, whatever the other side does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
import traceback
from typing import Any

import pytest
import structlog

from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import Rule, Script, Trick
from longshore.providers.client import Answer, ProviderClient
from longshore.providers.refusals import ProviderRefusal, RefusalCode
from longshore.providers.settings import EmbeddingProvider

BODY = {"model": "m", "input": ["a text", "another"]}
MOST_BYTES = 1_000_000


def provider(fake: FakeProvider, **more: Any) -> EmbeddingProvider:
    settings = {"name": "fake", "kind": "openai", "base_url": f"{fake.url}/v1", "model": "m", "dimensions": 256}
    return EmbeddingProvider.model_validate(settings | more)


async def post(settings: EmbeddingProvider, body: dict[str, Any] = BODY, most_bytes: int = MOST_BYTES) -> Answer:
    client = ProviderClient(settings)
    try:
        return await client.post("/embeddings", body, most_bytes)
    finally:
        await client.close()


async def refused(settings: EmbeddingProvider, **more: Any) -> ProviderRefusal:
    with pytest.raises(ProviderRefusal) as caught:
        await post(settings, **more)
    return caught.value


async def test_an_answer_is_its_json(fake: FakeProvider) -> None:
    answer = await post(provider(fake))
    assert len(answer.body["data"]) == 2
    assert answer.seconds > 0


@pytest.mark.parametrize(
    ("trick", "code"),
    [
        ("reset", "unavailable"),
        ("truncate", "unavailable"),
        ("hang", "timeout"),
        ("drip", "timeout"),
        ("endless", "bad_answer"),
        ("bad_json", "bad_answer"),
        ("compressed", "bad_answer"),
    ],
)
async def test_a_transfer_that_goes_wrong_is_a_refusal_within_the_deadline(
    fake: FakeProvider, trick: Trick, code: RefusalCode
) -> None:
    fake.follow(Script(rules=(Rule(do=trick, interval_s=0.01),)))
    begun = time.monotonic()
    assert (await refused(provider(fake, deadline_s=0.5))).reason == code
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("status", [301, 307, 429, 500, 502, 503])
async def test_nothing_is_asked_twice_and_no_redirect_followed(fake: FakeProvider, status: int) -> None:
    headers = {"Location": f"{fake.url}/v1/embeddings", "Retry-After": "0"}
    fake.follow(Script(rules=(Rule(do="refuse", status=status, headers=headers),)))
    await refused(provider(fake))
    assert len(fake.calls) == 1


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": "{date+7}"}, 6, 7),
        ({"Retry-After-Ms": "1500"}, 1.5, 1.5),
        ({"Retry-After": "-3"}, 0, 0),
        ({"X-RateLimit-Remaining-Requests": "0", "X-RateLimit-Reset-Requests": "{epoch+9}"}, 8, 9),
        ({"Anthropic-RateLimit-Tokens-Remaining": "0", "Anthropic-RateLimit-Tokens-Reset": "{iso+9}"}, 8, 10),
    ],
)
async def test_the_wait_is_read_from_the_answer(
    fake: FakeProvider, headers: dict[str, str], least: float, most: float
) -> None:
    fake.follow(Script(rules=(Rule(do="refuse", status=429, headers=headers),)))
    error = await refused(provider(fake))
    assert error.reason == "rate_limited"
    assert error.retry_after is not None
    assert least <= error.retry_after <= most


async def test_a_refusal_of_any_size_is_read_no_further_than_needed(fake: FakeProvider) -> None:
    body = {"error": {"message": "x" * 5_000_000, "code": "insufficient_quota"}}
    fake.follow(Script(rules=(Rule(do="refuse", status=429, body=body),)))
    assert (await refused(provider(fake))).reason == "rate_limited"  # what tells the quota is beyond what is read


async def test_slower_and_slower_and_then_no_more(fake: FakeProvider) -> None:
    rules = (
        Rule(last=1, delay_s=0.05),
        Rule(first=2, last=2, delay_s=31),
        Rule(first=3, do="refuse", status=503, headers={"Retry-After": "30"}),
    )
    fake.follow(Script(rules=rules))
    settings = provider(fake, deadline_s=1.5)
    assert (await post(settings)).seconds >= 0.05
    assert (await refused(settings)).reason == "timeout"
    third = await refused(settings)
    assert (third.reason, third.retry_after) == ("unavailable", 30)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 429, "message": "Rate limited upstream"}, "rate_limited"),
        ({"code": 402, "message": "No credits"}, "payment_required"),
        ({"code": "insufficient_quota", "message": "Pay"}, "quota_exhausted"),
        ({"code": 7}, "unavailable"),
        ("it failed", "unavailable"),
    ],
)
async def test_an_error_that_comes_as_a_success_is_an_error(
    fake: FakeProvider, error: object, code: RefusalCode
) -> None:
    fake.follow(Script(rules=(Rule(do="refuse", status=200, body={"error": error}),)))
    assert (await refused(provider(fake))).reason == code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00" * 100,
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 429 Slow\r\nRetry-After: \xff\xfe\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xef\xbb\xbf",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5010\r\n\r\n" + b'{"data":[' + b"9" * 5000 + b"}",
    ],
)
async def test_whatever_speaks_there_is_a_refusal(content: bytes) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        settings = {"name": "odd", "kind": "openai", "base_url": url, "model": "m", "dimensions": 2, "deadline_s": 5}
        assert (await refused(EmbeddingProvider.model_validate(settings))).provider == "odd"


async def test_nobody_there_is_unavailable(fake: FakeProvider) -> None:
    async with FakeProvider() as gone:
        settings = provider(gone)
    assert (await refused(settings)).reason == "unavailable"


async def test_cancelling_ends_the_request(fake: FakeProvider) -> None:
    fake.follow(Script(rules=(Rule(do="hang"),)))
    task = asyncio.create_task(post(provider(fake, deadline_s=60)))
    async with asyncio.timeout(5):
        while not fake.calls:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_key_is_sent_as_each_kind_wants_it(fake: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_KEY", "canary-7")
    fake.follow(Script(keys=("canary-7",)))
    await post(provider(fake, secret="env:FAKE_KEY"))
    await post(provider(fake, secret="env:FAKE_KEY", kind="azure", api_version="2024-10-21"))
    monkeypatch.setenv("FAKE_KEY", "another")
    assert (await refused(provider(fake, secret="env:FAKE_KEY"))).reason == "unauthorised"
    assert [call.authorised for call in fake.calls] == [True, True, False]


async def test_a_key_that_is_missing_is_refused_before_anything_is_sent(fake: FakeProvider) -> None:
    error = await refused(provider(fake, secret="env:LONGSHORE_NO_SUCH_KEY"))
    assert (error.reason, error.for_operator) == ("unauthorised", True)
    assert not fake.calls


@pytest.mark.parametrize("trick", ["answer", "refuse", "reset", "bad_json", "hang"])
async def test_the_key_is_in_no_log_and_no_error(
    fake: FakeProvider, trick: Trick, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("FAKE_KEY", "canary-7")
    settings = provider(fake, secret="env:FAKE_KEY", deadline_s=0.3)
    body = {"error": {"message": "bad key canary-7", "code": "canary"}}
    fake.follow(Script(rules=(Rule(do=trick, status=400, body=body),)))
    with structlog.testing.capture_logs() as logs:
        try:
            told = repr(await post(settings))
        except ProviderRefusal as error:
            told = f"{error!r} {error.hint} {vars(error)} {''.join(traceback.format_exception(error))}"
    assert logs
    assert "send_request_headers" in caplog.text
    assert "canary-7" not in told + caplog.text + repr(logs) + repr(settings) + settings.model_dump_json()


async def test_the_log_tells_of_the_call_and_not_what_was_sent(fake: FakeProvider) -> None:
    with structlog.testing.capture_logs() as logs:
        await post(provider(fake))
    assert [(log["event"], log["provider"]) for log in logs] == [("provider_answered", "fake")]
    assert "another" not in json.dumps(logs)
