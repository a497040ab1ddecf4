"""What a supervisor keeps alive, and the services that are programs of ours."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from longshore.errors import StackError
from longshore.stack.logs import Log
from longshore.stack.process import Child, Identity, spawn
from longshore.stack.state import ServiceName

READY_S = 60.0
SETTLED_S = 0.5


class Service(Protocol):
    """One service. `patience` is how many seconds of silence end in a restart; None leaves it alone."""

    name: ServiceName
    after: tuple[ServiceName, ...]
    patience: float | None

    @property
    def identity(self) -> Identity | None: ...

    def describe(self) -> dict[str, object]:
        """The fields of `ServiceState` that say where it is to be found."""
        ...

    async def start(self) -> None:
        """Return when it is ready; raise StackError with the reason if it does not come up."""
        ...

    async def ended(self) -> str:
        """Wait for its end; how it ended."""
        ...

    async def probe(self) -> str | None:
        """Why it does not answer, or None."""
        ...

    async def stop(self, grace: float = ...) -> None: ...


async def http_status(url: str, path: str, seconds: float = 5.0) -> int:
    """The status code that a plain HTTP server answers to GET.

    Raises:
        OSError, TimeoutError, ValueError: if there is no such answer.
    """
    parts = urlsplit(url)
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            words = (await reader.readline()).split()
        finally:
            writer.close()
    if len(words) < 2:
        raise ValueError("no HTTP answer")
    return int(words[1])


class Command:
    """A program of ours, which dies with the supervisor.

    Args:
        environment: What is added to the supervisor's environment; asked at every start, for an engine may have moved.
        url: Base URL of one that serves HTTP; it is ready when `/healthz` answers 200.
    """

    def __init__(
        self,
        name: ServiceName,
        argv: Sequence[str],
        *,
        home: Path,
        environment: Callable[[], Mapping[str, str]],
        url: Callable[[], str] | None = None,
        after: tuple[ServiceName, ...] = ("postgres", "temporal"),
    ) -> None:
        self.name = name
        self.after = after
        self.patience: float | None = READY_S
        self._argv = list(argv)
        self._home = home
        self._environment = environment
        self._url = url
        self._log = Log(home, name)
        self._child: Child | None = None

    @property
    def identity(self) -> Identity | None:
        return self._child.identity if self._child and self._child.alive else None

    def describe(self) -> dict[str, object]:
        return {"url": self._url()} if self._url else {}

    async def start(self) -> None:
        with self._log.open() as log:
            self._child = spawn(self._argv, log=log, cwd=self._home, env={**os.environ, **self._environment()})
        deadline = asyncio.get_running_loop().time() + (READY_S if self._url else SETTLED_S)
        while self._child.alive:
            if self._url and await self.probe() is None:
                return
            if asyncio.get_running_loop().time() > deadline:
                if self._url is None:
                    return
                await self.stop()
                raise StackError("service_failed", f"The {self.name} was not ready within {READY_S:.0f} s")
            await asyncio.sleep(0.05)
        raise StackError("service_failed", await self.ended())

    async def ended(self) -> str:
        if self._child is None:
            raise RuntimeError("start() comes first")
        how = f"The {self.name} {await self._child.ended()}"
        said = self._log.reason()
        return f"{how}: {said}" if said and "killed" not in how else how

    async def probe(self) -> str | None:
        if self._url is None:
            return None
        try:
            status = await http_status(self._url(), "/healthz")
        except (OSError, TimeoutError, ValueError) as error:
            return f"The {self.name} does not answer: {str(error) or 'no reply in 5 s'}"
        return None if status == 200 else f"The {self.name} answers with status {status}"

    async def stop(self, grace: float = 20.0) -> None:
        if self._child:
            await self._child.identity.end(grace)
            await self._child.ended()
