"""Follows an import to its end, whatever happens to the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Protocol, cast

import httpx2

from longshore.cli.client import Api
from longshore.cli.resources import TERMINAL, Import
from longshore.errors import LongshoreError

FIRST_EVENT_S = 10.0
"""The stream begins with a snapshot; one that does not is held up by something in between."""
SILENCE_S = 25.0
"""The API sends a heartbeat every 10 s; after more than two are missing, the connection is dead without saying so."""
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0


class Watcher(Protocol):
    def progress(self, resource: Import) -> None: ...
    def lost(self, why: str) -> None:
        """The events ended before the import did."""

    def found(self) -> None:
        """The API answers again."""


async def follow(api: Api, project: str, import_id: str, watcher: Watcher) -> Import:
    """The import once it has closed.

    Between two streams the import is read once, so that where no stream ever works this is polling.

    Raises:
        LongshoreError: the API refuses, or stays away for longer than the client has patience.
    """
    pause = FIRST_PAUSE_S
    while True:
        try:
            async for resource in _stream(api, project, import_id):
                pause = FIRST_PAUSE_S
                watcher.progress(resource)
                if resource["state"] in TERMINAL:
                    return resource
            watcher.lost("the API closed the connection")
        except (httpx2.TransportError, TimeoutError, ValueError, LongshoreError) as error:
            watcher.lost(str(error) or "the API fell silent")
        resource = await api.find_import(project, import_id)
        watcher.progress(resource)
        watcher.found()
        if resource["state"] in TERMINAL:
            return resource
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)


async def _stream(api: Api, project: str, import_id: str) -> AsyncIterator[Import]:
    limit = FIRST_EVENT_S
    async with aclosing(api.events(project, import_id)) as events:  # type: ignore[type-var]
        while True:
            try:
                async with asyncio.timeout(limit):
                    name, data = await anext(events)
            except StopAsyncIteration:
                return
            limit = SILENCE_S
            if name in ("snapshot", "progress", "done"):
                yield cast(Import, data)
