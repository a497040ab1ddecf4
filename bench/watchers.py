"""A thousand watchers of one import, some of whom never read: what the API needs for them, and how long others wait.

Run as `python -m bench.watchers`. Everything listens on the loopback interface only and ends with the script.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2
import psutil
from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.stand import Stand, open_stand
from longshore.ids import workflow_id
from longshore.stack.namespace import ensure_namespace
from workflows.contracts import WORKFLOW_QUEUE, ItemCounts, Progress, StageProgress
from workflows.imports import ImportInput
from workflows.ledger import STAGES

_PATIENCE_S = 60.0
_AT_ONCE = 100
"""Watchers that connect at the same time."""
_CHANGES_PER_S = 4


@workflow.defn(name="ImportWorkflow")
class Voyage:
    """An import that goes on as long as it is told to."""

    @workflow.init
    def __init__(self, start: ImportInput) -> None:
        self._id = start.submission.import_id
        self._done = 0
        self._over = False

    @workflow.run
    async def run(self, start: ImportInput) -> None:
        await workflow.wait_condition(lambda: self._over)

    @workflow.signal
    def submit(self, submission: object) -> None:
        return None

    @workflow.signal
    def go_on(self) -> None:
        self._done += 1

    @workflow.signal
    def finish(self) -> None:
        self._over = True

    @workflow.query
    def progress(self) -> Progress:
        done = min(self._done, 9_999)
        return Progress(
            import_id=self._id,
            state="running",
            fraction=done / 10_000,
            stages=tuple(
                StageProgress(name=name, state="running", unit=unit, done=done, total=10_000)
                for name, (unit, _) in STAGES.items()
            ),
            items=ItemCounts(total=10_000, added=done),
            chunks=done * 40,
            started_at=workflow.info().start_time,
            updated_at=workflow.now(),
        )


@dataclass
class Crowd:
    """Watchers of one stream, on plain sockets."""

    port: int
    path: str
    frames: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    connected: int = 0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _deaf: list[socket.socket] = field(default_factory=list)

    async def gather(self, readers: int, deaf: int) -> None:
        """Connect everybody, and wait until all readers have had their first event."""
        for _ in range(deaf):
            self._deaf.append(await self._connected())
        gate = asyncio.Semaphore(_AT_ONCE)
        self._tasks += [asyncio.create_task(self._read(gate)) for _ in range(readers)]
        async with asyncio.timeout(_PATIENCE_S):
            while self.connected < readers:
                await asyncio.sleep(0.05)

    async def _connected(self) -> socket.socket:
        """A watcher that asks, and never reads what it is answered."""
        watcher = socket.socket()
        watcher.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        watcher.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(watcher, ("127.0.0.1", self.port))
        await loop.sock_sendall(watcher, self._request())
        return watcher

    async def _read(self, gate: asyncio.Semaphore) -> None:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
            writer.write(self._request())
            first = await reader.readuntil(b"\n\n")
            self.connected += 1
        self._count(first)
        try:
            while True:
                self._count(await reader.readuntil(b"\n\n"))
        except asyncio.IncompleteReadError:
            self.lost += 1
        finally:
            writer.close()

    def _count(self, frame: bytes) -> None:
        for line in frame.splitlines():
            if line.startswith(b"event: "):
                self.frames[line[7:].decode()] += 1

    def _request(self) -> bytes:
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: text/event-stream\r\n\r\n".encode()

    async def disperse(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for watcher in self._deaf:
            watcher.close()


@dataclass(frozen=True)
class Measures:
    idle_mb: float
    crowded_mb: float
    quiet_ms: list[float]
    crowded_ms: list[float]
    frames: Counter[str]
    lost: int
    seconds: float


async def measure(readers: int, deaf: int, seconds: float) -> Measures:
    """Watch one import for so long, and ask for its status all the while."""
    async with open_stand() as stand, _api(stand) as (http, process), _crew(stand):
        begun, resource = await _submit_many(http, 50)
        print(f"50 identical submissions at once: {begun} started, one import")
        links = resource["links"]
        handle = stand.client.get_workflow_handle(workflow_id("bench", resource["source"]["key"]))
        steady = asyncio.create_task(_keep_changing(handle))
        quiet = await _ask(http, links["self"], 5)
        idle = _rss_mb(process)
        crowd = Crowd(http.base_url.port or 0, links["events"])
        await crowd.gather(readers, deaf)
        crowd.frames.clear()
        crowded = await _ask(http, links["self"], seconds)
        result = Measures(idle, _rss_mb(process), quiet, crowded, crowd.frames.copy(), crowd.lost, seconds)
        steady.cancel()
        await crowd.disperse()
        await handle.terminate()
        return result


@asynccontextmanager
async def _api(stand: Stand) -> AsyncIterator[tuple[httpx2.AsyncClient, psutil.Process]]:
    port = _free_port()
    environment = {**stand.environment(await stand.fresh_database()), "LONGSHORE_PORT": str(port)}
    log = (stand.home / "api.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "api"], env=environment, stderr=log)
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=_PATIENCE_S) as http:
            await _until_it_answers(http)
            yield http, psutil.Process(process.pid)
            started = time.monotonic()
            process.terminate()
            process.wait(20)
            print(f"The API stopped within {time.monotonic() - started:.1f} s")
    finally:
        process.kill()
        process.wait()
        log.close()


@asynccontextmanager
async def _crew(stand: Stand) -> AsyncIterator[None]:
    await ensure_namespace(stand.client)
    async with Worker(
        stand.client,
        task_queue=WORKFLOW_QUEUE,
        workflows=[Voyage],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield


async def _submit_many(http: httpx2.AsyncClient, times: int) -> tuple[int, dict[str, dict[str, str]]]:
    """The same submission so many times at once; how many of them say that they started it, and the import."""
    content = b"cargo"
    line = {"path": "library.rdf", "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    manifest = json.dumps(line).encode()
    for blob in (content, manifest):
        path = f"/v1/projects/bench/blobs/{hashlib.sha256(blob).hexdigest()}"
        (await http.put(path, content=blob)).raise_for_status()
    source = {"kind": "zotero", "name": "Crowded", "manifest": hashlib.sha256(manifest).hexdigest()}
    answers = await asyncio.gather(
        *(http.post("/v1/projects/bench/imports", json={"source": source}) for _ in range(times))
    )
    bodies = [answer.raise_for_status().json() for answer in answers]
    if len({body["import"]["id"] for body in bodies}) != 1:
        raise SystemExit("Identical submissions started several imports.")
    return sum(body["submission"] == "started" for body in bodies), bodies[0]["import"]


async def _keep_changing(handle: object) -> None:
    while True:
        await handle.signal(Voyage.go_on)  # type: ignore[attr-defined]
        await asyncio.sleep(1 / _CHANGES_PER_S)


async def _ask(http: httpx2.AsyncClient, path: str, seconds: float) -> list[float]:
    """Milliseconds that each answer took, ten asked for in a second."""
    took: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        (await http.get(path)).raise_for_status()
        took.append((time.monotonic() - started) * 1000)
        await asyncio.sleep(max(0.0, 0.1 - (time.monotonic() - started)))
    return took


async def _until_it_answers(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                if (await http.get("/readyz")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


def _rss_mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _p95(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[-1]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--watchers", type=int, default=1000)
    arguments.add_argument("--deaf", type=int, default=200, help="of them, how many never read")
    arguments.add_argument("--seconds", type=float, default=20)
    given = arguments.parse_args()
    found = asyncio.run(measure(given.watchers - given.deaf, given.deaf, given.seconds))
    told = {event: count / found.seconds for event, count in found.frames.items()}
    print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {given.watchers} watchers, {given.deaf} never read")
    print(f"API memory:    {found.idle_mb:.0f} MB before, {found.crowded_mb:.0f} MB with them")
    print(f"Status p95:    {_p95(found.quiet_ms):.0f} ms before, {_p95(found.crowded_ms):.0f} ms with them")
    print(f"Events read:   {', '.join(f'{rate:.0f} {event}/s' for event, rate in told.items())}; {found.lost} lost")


if __name__ == "__main__":
    main()
