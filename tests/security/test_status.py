"""What the API tells of the workers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx2
import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Worker

from longshore.errors import StackError
from longshore.settings import Settings
from longshore.stack.temporal import TemporalServer
from tests.security.conftest import Gate
from worker.run import runtime_of
from workflows.contracts import PARSE_QUEUE


@activity.defn(name="idle")
async def idle() -> None: ...


async def test_a_worker_is_seen_by_its_heartbeat(local: Gate, temporal: TemporalServer) -> None:
    runtime = Runtime(telemetry=TelemetryConfig(), worker_heartbeat_interval=timedelta(seconds=1))
    client = await Client.connect(temporal.address, runtime=runtime)

    async with asyncio.timeout(20), Worker(client, task_queue=PARSE_QUEUE, activities=[idle]):
        while True:
            status = (await local.ask("GET", "/v1/system/status")).json()
            [parse] = [worker for worker in status["workers"] if worker["queue"] == PARSE_QUEUE]
            # Workers of other tests may have been there before.
            if parse["heartbeat_age_s"] is not None and parse["heartbeat_age_s"] < 10:
                break
            await asyncio.sleep(0.1)

    assert parse["heartbeat_age_s"] >= 0
    assert parse["last_seen_s"] <= parse["heartbeat_age_s"]


async def test_who_only_probes_is_told_no_address(guarded: Gate) -> None:
    status = (await guarded.ask("GET", "/v1/system/status", await guarded.key())).json()
    probed = await guarded.ask("GET", "/readyz")

    assert status["temporal"]["address"]
    assert status["temporal"]["address"] not in probed.text


async def test_a_worker_shows_its_metrics_where_it_is_told_to(temporal: TemporalServer, unused_tcp_port: int) -> None:
    settings = Settings(metrics_port=unused_tcp_port)
    runtime = runtime_of(settings)
    await Client.connect(temporal.address, runtime=runtime)

    async with httpx2.AsyncClient() as http:
        shown = await http.get(f"http://127.0.0.1:{unused_tcp_port}/metrics")

    assert "temporal_request" in shown.text
    with pytest.raises(StackError, match=str(unused_tcp_port)):
        runtime_of(settings)
