"""What Temporal's Web UI may ask: to decode histories, and nothing else."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from longshore.graph.db import Pool
from longshore.histories.codec import data_converter
from longshore.histories.keyring import Keyring
from longshore.settings import Settings
from tests.security.conftest import ADDRESS, Gate, gate

UI = "http://127.0.0.1:8233"
CODEC = "/v1/system/codec"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,x-namespace",
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> str:
    place: Path = tmp_path_factory.mktemp("keys") / "k1"
    place.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    return f"k1=file:{place}"


@pytest_asyncio.fixture(scope="module")
async def decoding(served: dict[str, Any], gate_pool: Pool, keys: str) -> AsyncIterator[Gate]:
    async with gate(gate_pool, history_keys=keys, temporal_ui=UI, **served) as ready:
        yield ready


async def encrypted(keys: str, *values: str) -> dict[str, Any]:
    """Payloads of a history, as Temporal's Web UI sends them."""
    payloads = await data_converter(Keyring.of(Settings(history_keys=keys))).encode(values)
    return {
        "payloads": [
            {
                "metadata": {name: base64.b64encode(value).decode() for name, value in payload.metadata.items()},
                "data": base64.b64encode(payload.data).decode(),
            }
            for payload in payloads
        ]
    }


def data_of(answer: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(payload["data"]) for payload in answer["payloads"]]


async def test_temporals_page_has_histories_decoded(decoding: Gate, keys: str) -> None:
    headers = {"Origin": UI, "X-Namespace": "default"}
    sent = await encrypted(keys, "Meridian", "On tides")

    preflight = await decoding.ask("OPTIONS", f"{CODEC}/decode", headers={"Origin": UI, **PREFLIGHT})
    decoded = await decoding.ask("POST", f"{CODEC}/decode", json=sent, headers=headers)
    again = await decoding.ask("POST", f"{CODEC}/encode", json=decoded.json(), headers=headers)

    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == decoded.headers["access-control-allow-origin"] == UI
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert data_of(decoded.json()) == [b'"Meridian"', b'"On tides"']
    assert base64.b64decode(decoded.json()["payloads"][0]["metadata"]["encoding"]) == b"json/plain"
    assert decoded.headers["cache-control"] == "no-store"
    assert not any(b"Meridian" in data for data in data_of(again.json()))
    assert (await decoding.ask("POST", f"{CODEC}/decode", json=again.json())).json() == decoded.json()


async def test_a_question_without_arguments_is_encoded_as_one(decoding: Gate) -> None:
    answer = await decoding.ask("POST", f"{CODEC}/encode", json={})

    assert (answer.status_code, answer.json()) == (200, {"payloads": []})


@pytest.mark.parametrize("name", ["http://localhost:8233", "http://[::1]:8233"])
async def test_the_page_may_be_opened_under_any_name_of_this_machine(decoding: Gate, keys: str, name: str) -> None:
    answer = await decoding.ask("POST", f"{CODEC}/decode", json=await encrypted(keys, "tide"), headers={"Origin": name})

    assert answer.headers["access-control-allow-origin"] == name


@pytest.mark.parametrize(
    ("origin", "path"),
    [
        (UI, "/v1/projects/harbour/blobs:missing"),
        ("http://127.0.0.1:8234", f"{CODEC}/decode"),
        ("https://127.0.0.1:8233", f"{CODEC}/decode"),
        ("http://127.0.0.1.rebound.example:8233", f"{CODEC}/decode"),
        ("null", f"{CODEC}/decode"),
    ],
)
async def test_other_pages_and_other_questions_are_refused(decoding: Gate, origin: str, path: str) -> None:
    answer = await decoding.ask("POST", path, json={"payloads": []}, headers={"Origin": origin})

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert "access-control-allow-origin" not in answer.headers


async def test_what_was_encrypted_with_another_key_is_not_decoded(decoding: Gate, keys: str, tmp_path: Path) -> None:
    (tmp_path / "other").write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    for other, code in (
        (f"k2=file:{tmp_path}/other", "history_key_missing"),
        (f"k1=file:{tmp_path}/other", "history_damaged"),
    ):
        answer = await decoding.ask("POST", f"{CODEC}/decode", json=await encrypted(other, "tide"))
        assert (answer.status_code, answer.json()["code"]) == (503, code)


async def test_without_a_key_for_histories_there_is_nothing_to_ask(local: Gate) -> None:
    answer = await local.ask("POST", f"{CODEC}/decode", json={"payloads": []})

    assert (answer.status_code, answer.json()["code"]) == (404, "histories_not_encrypted")


async def test_where_keys_are_needed_it_takes_one_of_an_administrator_of_all_projects(
    served: dict[str, Any], gate_pool: Pool, keys: str
) -> None:
    async with gate(gate_pool, history_keys=keys, temporal_ui=UI, public_url=ADDRESS, **served) as published:
        sent = await encrypted(keys, "tide")
        for key, status in (
            (None, 401),
            (await published.key("write"), 403),
            (await published.key("admin", projects=["harbour"]), 403),
            (await published.key("admin"), 200),
        ):
            answer = await published.ask("POST", f"{CODEC}/decode", key, json=sent, headers={"Origin": UI})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == UI
        session = await published.ask("POST", "/v1/session", json={"key": await published.key("admin")})
        cookie = session.headers["set-cookie"].partition(";")[0]
        signed_in = await published.ask("POST", f"{CODEC}/decode", json=sent, headers={"Origin": UI, "Cookie": cookie})
        assert data_of(signed_in.json()) == [b'"tide"']


async def test_a_payload_of_the_largest_size_is_decoded(decoding: Gate, keys: str) -> None:
    text = "x" * 2_000_000

    answer = await decoding.ask("POST", f"{CODEC}/decode", json=await encrypted(keys, text))

    assert data_of(answer.json()) == [f'"{text}"'.encode()]
