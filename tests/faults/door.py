"""The API of a passage, and somebody who asks it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.faults.passage import Passage
from tests.faults.seams import Order
from tests.integration.voyage import PROJECT, Handle
from workflows.contracts import Submission
from workflows.imports import ImportWorkflow

Json = dict[str, Any]
_READY_S = 90.0
_CALL_S = 10.0


@dataclass
class Door:
    passage: Passage
    http: httpx2.AsyncClient
    process: subprocess.Popen[bytes]
    port: int

    async def open_again(self, order: Order | None = None) -> None:
        """Start the API once more, at the same port."""
        self.process = self.passage.start("api", order, LONGSHORE_PORT=str(self.port))
        await self.ready()

    async def ready(self) -> None:
        async with asyncio.timeout(_READY_S):
            while True:
                with suppress(httpx2.HTTPError):
                    if (await self.http.get("/healthz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def post(self, submission: Submission, key: str | None = None) -> httpx2.Response:
        """Submit what was handed over."""
        source = {"kind": submission.kind, "name": submission.name, "manifest": submission.manifest}
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.post(f"/v1/projects/{PROJECT}/imports", json={"source": source}, headers=headers)

    async def view(self, path: str) -> Json:
        answer = await self.http.get(path)
        answer.raise_for_status()
        shown: Json = answer.json()
        return shown

    async def until(self, path: str, holds: Callable[[Json], bool], within_s: float) -> float:
        """Wait until a resource is as asked for, through whatever is down; the seconds that took."""
        begun = time.monotonic()
        shown: Json | str = "nothing"
        while time.monotonic() - begun < within_s:
            try:
                shown = await self.view(path)
                if holds(shown):
                    return time.monotonic() - begun
            except httpx2.HTTPError as error:
                shown = repr(error)
            await asyncio.sleep(0.1)
        raise AssertionError(f"I15: after {within_s:.0f} s it still says {shown}")

    def handle(self, view: Json) -> Handle:
        """Of the workflow that a resource shows."""
        return self.passage.client.get_workflow_handle_for(
            ImportWorkflow.run, f"import/{PROJECT}/{view['source']['key']}"
        )


@asynccontextmanager
async def open_door(passage: Passage, order: Order | None = None) -> AsyncIterator[Door]:
    port = _free_port()
    process = passage.start("api", order, LONGSHORE_PORT=str(port))
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=_CALL_S) as http:
        door = Door(passage, http, process, port)
        await door.ready()
        yield door


def reason_of(view: Json) -> str | None:
    reason: Json | None = view["reason"]
    return str(reason["code"]) if reason else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
