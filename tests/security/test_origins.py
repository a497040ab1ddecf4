"""Names and origins that are the server's own, and those that are not."""

from __future__ import annotations

from typing import Any

import pytest

from longshore.graph.db import Pool
from tests.security.conftest import Gate, gate

READING_ROOM = "https://reading-room.example"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost:8000", 200),
        ("LOCALHOST:8000", 200),
        ("[::1]:8000", 200),
        ("localhost", 421),
        ("localhost:8001", 421),
        ("rebound.example:8000", 421),
        ("127.0.0.1.rebound.example:8000", 421),
        ("localhost.:8000", 421),
        ("localhost:8000@rebound.example", 421),
        ("user@localhost:8000", 421),
        ("localhost:8000/", 421),
        ("localhost:8000/healthz?", 421),
        ("localhost:8000?", 421),
        ("localhost:8000#", 421),
        ("localhost:8000\\@rebound.example", 421),
        ("localhost:99999", 421),
        ("localhost:", 421),
        ("localhost:port", 421),
        ("", 421),
    ],
)
async def test_only_its_own_names_are_answered(local: Gate, host: str, status: int) -> None:
    answer = await local.ask("GET", "/v1/imports", headers={"Host": host})

    assert answer.status_code == status
    if status == 421:
        assert answer.json()["code"] == "wrong_host"
    assert (await local.ask("GET", "/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "http://localhost:8000"}, True),
        ({"Origin": READING_ROOM, "Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://localhost:3000"}, False),
        ({"Origin": "https://localhost:8000"}, False),
        ({"Origin": "http://reading-room.example"}, False),
        ({"Origin": f"{READING_ROOM}:444"}, False),
        ({"Origin": f"{READING_ROOM}.rebound.example"}, False),
        ({"Origin": "https://sub.reading-room.example"}, False),
        ({"Origin": "https://READING-ROOM.example"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
async def test_only_its_own_pages_change_something(local: Gate, headers: dict[str, str], allowed: bool) -> None:
    answer = await local.ask("POST", "/v1/projects/harbour/blobs:missing", json={"sha256": []}, headers=headers)

    assert answer.status_code == (200 if allowed else 403)
    if not allowed:
        assert answer.json()["code"] == "foreign_origin"


@pytest.mark.parametrize(
    ("public", "host", "origin", "status"),
    [
        ("https://longshore.example", "longshore.example", "https://longshore.example", 401),
        ("https://longshore.example", "longshore.example:443", "https://longshore.example", 401),
        ("https://longshore.example", "longshore.example", "http://longshore.example", 403),
        ("https://longshore.example", "longshore.example:8443", "https://longshore.example", 421),
        ("http://127.0.0.1:9000", "localhost:9000", "http://localhost:9000", 401),
        ("http://127.0.0.1:9000", "localhost:9001", "http://localhost:9000", 421),
    ],
)
async def test_the_public_address_is_one_of_its_names(
    served: dict[str, Any], gate_pool: Pool, public: str, host: str, origin: str, status: int
) -> None:
    async with gate(gate_pool, public_url=public, **served) as published:
        answer = await published.ask(
            "POST", "/v1/projects/harbour/blobs:missing", headers={"Host": host, "Origin": origin}
        )

    assert answer.status_code == status


@pytest.mark.parametrize(
    "settings", [{"host": "0.0.0.0"}, {"public_url": "http://localhost:8000"}, {"trusted_proxies": "10.0.0.1"}]
)
async def test_who_can_be_reached_from_elsewhere_demands_keys(
    served: dict[str, Any], gate_pool: Pool, settings: dict[str, str]
) -> None:
    async with gate(gate_pool, **settings, **served) as exposed:
        assert (await exposed.ask("GET", "/v1/imports")).json()["code"] == "key_required"
        assert (await exposed.ask("GET", "/v1/imports", await exposed.key())).status_code == 200
        assert (await exposed.ask("GET", "/healthz")).status_code == 200
        assert (await exposed.ask("GET", "/readyz")).status_code == 200


async def test_on_loopback_no_key_is_needed_unless_a_proxy_is_seen(local: Gate) -> None:
    assert (await local.ask("GET", "/v1/imports")).status_code == 200
    for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host"):
        assert (await local.ask("GET", "/v1/imports", headers={name: "10.0.0.9"})).status_code == 401


async def test_a_key_that_is_given_counts_even_where_none_is_needed(local: Gate) -> None:
    bound = await local.key("read", projects=["harbour"])

    assert (await local.ask("GET", "/v1/projects/elsewhere/imports", bound)).status_code == 404
    assert (await local.ask("GET", "/v1/imports", "ls_mistyped")).status_code == 401


async def test_preflights_are_answered_to_allowed_origins_and_not_counted(local: Gate) -> None:
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}

    allowed = await local.ask("OPTIONS", "/v1/imports", headers={"Origin": READING_ROOM, **asked})
    refused = await local.ask("OPTIONS", "/v1/imports", headers={"Origin": "https://rebound.example", **asked})

    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == READING_ROOM
    assert "access-control-allow-credentials" not in allowed.headers
    assert "ratelimit" not in allowed.headers
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers
    assert "ratelimit" not in refused.headers


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/nowhere", {}, 404),
        ("/v1/imports?state=adrift", {}, 422),
        ("/v1/imports", {"Authorization": "Bearer no"}, 401),
        ("/v1/imports", {"Host": "rebound.example"}, 421),
        ("/capsize", {}, 500),
    ],
)
async def test_errors_have_cors_headers_too(local: Gate, path: str, headers: dict[str, str], status: int) -> None:
    from starlette.routing import Route

    async def capsize(request: object) -> None:
        raise KeyError("keel")

    if not any(getattr(route, "path", "") == "/capsize" for route in local.app.router.routes):
        local.app.router.routes.append(Route("/capsize", capsize))
    answer = await local.ask("GET", path, headers={"Origin": READING_ROOM, **headers})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == READING_ROOM
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_every_answer_tells_browsers_to_be_careful(local: Gate) -> None:
    for path in ("/healthz", "/v1/imports", "/v1/nowhere", "/openapi.json"):
        headers = (await local.ask("GET", path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
