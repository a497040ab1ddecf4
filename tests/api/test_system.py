"""What the probes and people are told about the parts."""

from __future__ import annotations

from temporalio.client import Client

from tests.api.door import Door, eventually
from tests.api.scripted import Json
from workflows.contracts import EXTRACT_QUEUE


async def test_everything_answers(door: Door, crew: Client) -> None:
    async def polled() -> Json | None:
        found = await door.get("/v1/system/status")
        return found if any(worker["pollers"] for worker in found["workers"]) else None

    status = await eventually(polled)

    assert await door.get("/healthz") == {"ok": True}
    assert await door.get("/readyz") == {"ok": True}
    assert status["database"]["ok"] is True
    assert status["temporal"] == {
        "ok": True,
        "address": door.settings.temporal_address,
        "ui": "http://localhost:8233",
        "detail": "",
    }
    queues = {worker["queue"]: worker for worker in status["workers"]}
    assert queues["imports"]["pollers"] >= 1
    assert queues["imports"]["last_seen_s"] < 120
    nobody = {"pollers": 0, "last_seen_s": None, "heartbeat_age_s": None}
    assert queues[EXTRACT_QUEUE] == {"queue": EXTRACT_QUEUE, **nobody}
    assert status["provider_gates"] == []
    assert {"longshore", "postgres", "python", "temporal_sdk"} <= status["versions"].keys()


async def test_without_temporal_it_lives_and_says_what_is_missing(door_without_temporal: Door) -> None:
    door = door_without_temporal
    status = await door.get("/v1/system/status")
    problem = await door.get("/readyz", status=503)

    assert await door.get("/healthz") == {"ok": True}
    assert (status["temporal"]["ok"], status["database"]["ok"], status["workers"]) == (False, True, [])
    assert problem["code"] == "not_ready"
    assert list(problem["reasons"]) == ["temporal"]
