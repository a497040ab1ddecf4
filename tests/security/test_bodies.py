"""Bodies that are too large or too slow."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.security import bodies
from longshore.graph.db import Pool
from tests.security.conftest import Gate, gate

MISSING = "/v1/projects/harbour/blobs:missing"


async def pieces(count: int, size: int = 100_000, pause_s: float = 0) -> AsyncIterator[bytes]:
    for _ in range(count):
        await asyncio.sleep(pause_s)
        yield b" " * size


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_large_request_is_refused(local: Gate, streamed: bool) -> None:
    content: Any = pieces(11) if streamed else b" " * 1_100_000

    answer = await local.ask("POST", MISSING, content=content)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_request_that_does_not_arrive_is_given_up(local: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "REQUEST_S", 0.2)

    answer = await local.ask("POST", MISSING, content=pieces(100, size=1, pause_s=0.05))

    assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")


async def test_an_upload_that_falls_silent_is_given_up(local: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SILENCE_S", 0.2)

    answer = await local.ask("PUT", f"/v1/projects/harbour/blobs/{'0' * 64}", content=pieces(2, pause_s=1))

    assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")


async def test_an_upload_that_trickles_is_given_up(local: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_FIRST_S", 0.1)

    answer = await local.ask("PUT", f"/v1/projects/harbour/blobs/{'0' * 64}", content=pieces(100, size=1, pause_s=0.05))

    assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")


@pytest.mark.parametrize("streamed", [True, False])
async def test_an_upload_may_have_what_the_setting_says(
    served: dict[str, Any], gate_pool: Pool, streamed: bool
) -> None:
    async with gate(gate_pool, max_upload_bytes=500_000, **served) as small:
        for count, status in ((5, 201), (6, 413)):
            data = b" " * 100_000 * count
            path = f"/v1/projects/harbour/blobs/{hashlib.sha256(data).hexdigest()}"
            answer = await small.ask("PUT", path, content=pieces(count) if streamed else data)
            assert answer.status_code == status, answer.text
