"""The stack that the page is tested on: real processes of API and worker on real engines."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

_PATIENCE_S = 30.0


@dataclass
class Quay:
    """One database and one Temporal; an API at an address that stays the same when it is restarted."""

    database_url: str
    temporal_address: str
    home: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    """Further settings."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start_api(self) -> None:
        self._start("api")
        deadline = asyncio.get_running_loop().time() + _PATIENCE_S
        async with httpx2.AsyncClient() as http:
            while asyncio.get_running_loop().time() < deadline:
                try:
                    if (await http.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx2.TransportError:
                    await asyncio.sleep(0.05)
        raise AssertionError(f"the API did not start: {(self.home / 'api.log').read_text()[-2000:]}")

    def start_worker(self) -> None:
        self._start("worker")

    def kill(self, name: str) -> None:
        """Pull the plug: no signal handler runs."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, name: str) -> None:
        process = self.processes.pop(name)
        process.terminate()
        process.wait(_PATIENCE_S)

    def stop_all(self) -> None:
        for name in list(self.processes):
            self.stop(name)

    def _start(self, name: str) -> None:
        self.home.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "LONGSHORE_HOME": str(self.home),
            "LONGSHORE_DATABASE_URL": self.database_url,
            "LONGSHORE_PORT": str(self.port),
            "TEMPORAL_ADDRESS": self.temporal_address,
            **self.environment,
        }
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen([sys.executable, "-m", name], env=environment, stderr=log)


class Strait:
    """A way to the API on which event streams can fall silent without breaking: what is sent on them gets lost."""

    def __init__(self, quay: Quay) -> None:
        self._quay = quay
        self._tasks: set[asyncio.Task[None]] = set()
        self._keys = itertools.count()
        self._streams: set[int] = set()
        self.silenced: set[int] = set()
        self.port = 0

    async def __aenter__(self) -> Strait:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def silence(self) -> None:
        """The streams that are open now; those opened later speak."""
        assert self._streams
        self.silenced |= self._streams

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        inner, outer = await asyncio.open_connection("127.0.0.1", self._quay.port)
        try:
            up = asyncio.create_task(self._up(reader, outer))
            down = asyncio.create_task(self._down(inner, writer, next(self._keys)))
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            for half in (up, down):
                half.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
        finally:
            outer.close()
            writer.close()
            self._tasks.discard(task)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The API answers to its own address only."""
        here, there = (f"127.0.0.1:{port}".encode() for port in (self.port, self._quay.port))
        while data := await reader.read(1 << 16):
            writer.write(data.replace(here, there))
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: int) -> None:
        while data := await reader.read(1 << 16):
            if b"text/event-stream" in data:
                self._streams.add(key)
            if key not in self.silenced:
                writer.write(data)
                await writer.drain()
        if key in self.silenced:
            await asyncio.Future()  # the end of a stream gets lost as well: only the reader can give it up


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
