"""The page's cookie."""

from __future__ import annotations

import time
from typing import Any

import pytest

from api.security import sessions
from api.security.sessions import Sessions
from longshore.graph import api_keys
from longshore.graph.db import Pool
from tests.security.conftest import Gate, gate


async def test_a_key_is_swapped_for_a_cookie(guarded: Gate) -> None:
    page = guarded.at("127.0.0.20")
    key = await guarded.key("write", projects=["harbour"])
    assert (await page.ask("GET", "/v1/session")).json() == {"required": True, "principal": None}

    begun = await page.ask("POST", "/v1/session", json={"key": key})

    cookie = begun.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert cookie.startswith("longshore=")
    assert key not in cookie
    principal = {"name": "test", "scopes": ["read", "write"], "projects": ["harbour"]}
    assert begun.json() == {"required": True, "principal": principal}
    assert (await page.ask("GET", "/v1/session")).json()["principal"] == principal
    assert (await page.ask("GET", "/v1/projects/harbour/imports")).status_code == 200
    assert (await page.ask("GET", "/v1/projects/elsewhere/imports")).status_code == 404

    ended = await page.ask("DELETE", "/v1/session")
    assert "Max-Age=0" in ended.headers["set-cookie"]
    assert (await page.ask("GET", "/v1/projects/harbour/imports")).status_code == 401


async def test_a_session_ends_with_its_key(guarded: Gate) -> None:
    page = guarded.at("127.0.0.21")
    key = await guarded.key("read")
    await page.ask("POST", "/v1/session", json={"key": key})
    assert (await page.ask("GET", "/v1/imports")).status_code == 200

    async with guarded.pool.connection() as connection:
        await api_keys.revoke(connection, api_keys.id_of(key) or "")

    assert (await page.ask("GET", "/v1/imports")).status_code == 401
    assert (await page.ask("GET", "/v1/session")).json()["principal"] is None


@pytest.mark.parametrize("given", ["ls_nothing", "", "x" * 300])
async def test_what_is_no_key_begins_no_session(guarded: Gate, given: str) -> None:
    answer = await guarded.at("127.0.0.22").ask("POST", "/v1/session", json={"key": given})

    assert answer.status_code in (401, 422)
    assert "set-cookie" not in answer.headers
    assert not given or given not in answer.text


async def test_over_https_the_cookie_is_bound_to_the_host(served: dict[str, Any], gate_pool: Pool) -> None:
    async with gate(gate_pool, public_url="https://longshore.example", **served) as published:
        key = await published.key()
        answer = await published.ask("POST", "/v1/session", json={"key": key}, headers={"Host": "longshore.example"})

    assert answer.headers["set-cookie"].startswith("__Host-longshore=")
    assert "Secure" in answer.headers["set-cookie"].split("; ")


async def test_where_no_key_is_needed_the_session_says_so(local: Gate) -> None:
    found = (await local.ask("GET", "/v1/session")).json()

    assert found["required"] is False
    assert found["principal"] == {"name": "local", "scopes": ["read", "write", "admin"], "projects": None}


def test_a_cookie_cannot_be_forged_or_outlive_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, others = Sessions(lambda: b"ours", secure=False), Sessions(lambda: b"others", secure=False)
    value = ours.cookie("keyid").split(";")[0].partition("=")[2]

    assert ours.key_in({"longshore": value}) == "keyid"
    assert others.key_in({"longshore": value}) is None
    key_id, expires, signature = value.split(".")
    for forged in (f"other.{expires}.{signature}", f"{key_id}.{int(expires) + 1}.{signature}", "a.b", "é.1.é", ""):
        assert ours.key_in({"longshore": forged}) is None
    monkeypatch.setattr(time, "time", lambda: int(expires) + 1.0)
    assert ours.key_in({"longshore": value}) is None
    assert sessions.LIFETIME_S <= 24 * 3600
