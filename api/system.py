"""Whether the parts answer, for people and for probes."""

from __future__ import annotations

import asyncio
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psycopg
import temporalio
from fastapi import APIRouter
from pydantic import BaseModel

from api.problems import Problem
from api.providers import GateStatus, closed_gate
from api.reaching import EngineUnavailable
from api.services import Door, Services
from longshore.providers.gates import list_gates
from workflows.contracts import EMBED_QUEUE, EXTRACT_QUEUE, GRAPH_QUEUE, PARSE_QUEUE, WORKFLOW_QUEUE

router = APIRouter(tags=["system"])

_QUEUES = (WORKFLOW_QUEUE, PARSE_QUEUE, EXTRACT_QUEUE, EMBED_QUEUE, GRAPH_QUEUE)


class Health(BaseModel):
    ok: bool = True


class PartStatus(BaseModel):
    ok: bool
    detail: str


class TemporalStatus(PartStatus):
    address: str
    ui: str | None


class QueueStatus(BaseModel):
    queue: str
    pollers: int
    """Seen within the last minutes; a dead one lingers."""
    last_seen_s: float | None
    """Since one asked for work or said that it lives; null: not within the last minutes."""
    heartbeat_age_s: float | None
    """Since one said that it lives, which it does every few seconds; null where Temporal keeps no account of that."""


class SystemStatus(BaseModel):
    version: str
    versions: dict[str, str]
    """Of the parts, as far as they are known."""
    database: PartStatus
    temporal: TemporalStatus
    workers: list[QueueStatus]
    provider_gates: list[GateStatus]
    """Of the providers that are left alone for a while."""


@router.get("/healthz", operation_id="check_process")
async def check_process() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", operation_id="check_parts")
async def check_parts(door: Door) -> Health:
    """Everything that this process needs answers; otherwise 503 with the reasons."""
    database, temporal = await asyncio.gather(_database(door), _temporal(door))
    parts: dict[str, PartStatus] = {"database": database, "temporal": temporal}
    # Everybody may ask this, so it tells no address.
    reasons = {name: "does not answer" for name, part in parts.items() if not part.ok}
    if reasons:
        detail = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise Problem(503, "not_ready", detail, "`longshore status` shows every part.", reasons=reasons)
    return Health()


@router.get("/v1/system/status", operation_id="get_system_status")
async def get_system_status(door: Door) -> SystemStatus:
    """The parts of the system, each with its state."""
    database, temporal, workers, closed = await asyncio.gather(
        _database(door), _temporal(door), _workers(door), _gates(door)
    )
    versions = {"longshore": release(), "python": platform.python_version(), "temporal_sdk": temporalio.__version__}
    if database.ok:
        versions["postgres"] = database.detail.removeprefix("PostgreSQL ")
    return SystemStatus(
        version=release(),
        versions=versions,
        database=database,
        temporal=temporal,
        workers=workers,
        provider_gates=closed,
    )


def release() -> str:
    try:
        return version("longshore")
    except PackageNotFoundError:
        return "unreleased"


async def _database(door: Services) -> PartStatus:
    try:
        async with door.connection() as connection:
            cursor = await connection.execute("show server_version")
            row = await cursor.fetchone()
    except psycopg.OperationalError as error:
        return PartStatus(ok=False, detail=str(error))
    return PartStatus(ok=True, detail=f"PostgreSQL {row['server_version']}" if row else "")


async def _gates(door: Services) -> list[GateStatus]:
    try:
        async with door.connection() as connection:
            return [closed for gate in await list_gates(connection) if (closed := closed_gate(gate))]
    except psycopg.OperationalError:
        return []


async def _temporal(door: Services) -> TemporalStatus:
    parts: dict[str, Any] = {"address": door.engine.address, "ui": door.engine.ui}
    try:
        await door.engine.check()
    except EngineUnavailable as error:
        return TemporalStatus(ok=False, detail=str(error), **parts)
    return TemporalStatus(ok=True, detail="", **parts)


async def _workers(door: Services) -> list[QueueStatus]:
    try:
        return list(await asyncio.gather(*(_queue(door, queue) for queue in _QUEUES)))
    except EngineUnavailable:
        return []


async def _queue(door: Services, queue: str) -> QueueStatus:
    pollers, heartbeats = await asyncio.gather(door.engine.pollers(queue), door.engine.heartbeats(queue))
    now = datetime.now(UTC)
    ages = [max(0.0, (now - beat).total_seconds()) for beat in heartbeats]
    # The requests of a worker that was frozen stay open, and look as if it were alive.
    seen = ages or [poller.last_seen_s for poller in pollers]
    return QueueStatus(
        queue=queue,
        pollers=len(pollers),
        last_seen_s=min(seen, default=None),
        heartbeat_age_s=min(ages, default=None),
    )
