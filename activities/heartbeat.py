"""Heartbeats from a background task, so that a slow call never looks like a dead worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil
from temporalio import activity

INTERVAL_S = 1.0


@dataclass
class Beat:
    """How far an attempt has come; shown by `temporal workflow describe`."""

    done: int = 0
    total: int | None = None


@asynccontextmanager
async def beating(every_s: float = INTERVAL_S) -> AsyncIterator[Beat]:
    """Heartbeat each second, or as often as said, with the latest progress, while the block runs.

    The beat runs in the worker's event loop: a blocked loop stops it, and the engine takes the attempt for dead.
    """
    beat = Beat()

    async def repeat() -> None:
        while True:
            # Not at once: most attempts end before their first beat is due, and each beat is a write on the server.
            await asyncio.sleep(every_s)
            held = psutil.Process().memory_info().rss // 1_000_000
            activity.heartbeat({"done": beat.done, "total": beat.total, "memory_mb": held})

    task = asyncio.create_task(repeat())
    try:
        yield beat
    finally:
        task.cancel()
