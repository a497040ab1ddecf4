"""Engines that someone else runs: looked after, never started or stopped."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from longshore.errors import StackError
from longshore.settings import Settings
from longshore.stack.checks import check_database, without_password
from longshore.stack.errors import Unmendable
from longshore.stack.namespace import describe_namespace, ensure_namespace
from longshore.stack.state import ServiceName
from longshore.stack.temporal import reach

REACH_S = timedelta(seconds=5)


class _Served:
    after: tuple[ServiceName, ...] = ()
    patience: float | None = None
    identity = None

    async def ended(self) -> str:
        await asyncio.Event().wait()
        raise AssertionError("nothing sets it")

    async def stop(self, grace: float = 0.0) -> None:
        """It is not ours to stop."""


class ServedPostgres(_Served):
    """The Postgres of LONGSHORE_DATABASE_URL."""

    name: ServiceName = "postgres"

    def __init__(self, url: str) -> None:
        self.url = url

    def describe(self) -> dict[str, object]:
        return {"url": without_password(self.url), "embedded": False}

    async def start(self) -> None:
        """Raises Unmendable: `database_unreachable`, `database_url_invalid`, `database_lacks_vector`."""
        try:
            await check_database(self.url)
        except StackError as error:
            raise Unmendable(error.code, str(error), error.hint) from error

    async def probe(self) -> str | None:
        try:
            await check_database(self.url)
        except StackError as error:
            return str(error)
        return None


class ServedTemporal(_Served):
    """The Temporal of TEMPORAL_ADDRESS."""

    name: ServiceName = "temporal"

    def __init__(self, address: str, namespace: str, ui: str | None) -> None:
        self.address = address
        self.ui = ui or ""
        self._namespace = namespace
        self._client: Client | None = None

    def describe(self) -> dict[str, object]:
        return {"address": self.address, "ui": self.ui or None, "embedded": False}

    async def start(self) -> None:
        """Raises Unmendable: `temporal_unreachable`, `temporal_namespace_missing`."""
        try:
            await self._connect()
            self._client = await reach(self.address, self._namespace, REACH_S.total_seconds())
            await ensure_namespace(self._client)
        except (TimeoutError, OSError, RuntimeError, RPCError, ValueError) as error:
            raise Unmendable(
                "temporal_unreachable",
                f"Temporal at {self.address} does not answer{_refusal(error)}.",
                "Start it, correct TEMPORAL_ADDRESS (host:port), or unset it to use the embedded Temporal.",
            ) from error

    async def _connect(self) -> None:
        """Where nobody listens, that is known at once."""
        host, _, port = self.address.rpartition(":")
        async with asyncio.timeout(REACH_S.total_seconds()):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        writer.close()

    async def probe(self) -> str | None:
        try:
            if self._client:
                await describe_namespace(self._client)
        except (RuntimeError, RPCError) as error:
            return f"Temporal at {self.address} does not answer: {error}"
        return None


def _refusal(error: Exception) -> str:
    if not isinstance(error, OSError) or error.errno is None:
        return ""
    # A name that cannot be resolved has a negative number, whose meaning only the resolver knows.
    return f": {os.strerror(error.errno) if error.errno > 0 else error.strerror}"


async def check_served(settings: Settings) -> None:
    """Reach the served engines that the settings name, before any other is started.

    Raises:
        Unmendable: why one of them cannot be used.
    """
    if settings.database_url:
        await ServedPostgres(settings.database_url).start()
    if settings.temporal_address:
        await ServedTemporal(settings.temporal_address, settings.temporal_namespace, settings.temporal_ui).start()
