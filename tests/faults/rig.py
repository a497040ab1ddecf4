"""Engines that are there to be killed, and passages on them."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from longshore.graph.db import migrate
from longshore.stack.namespace import ensure_namespace
from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer, find_binary
from tests.faults.passage import Passage


@dataclass
class Rig:
    folder: Path
    postgres: PostgresServer
    temporal: TemporalServer
    client: Client
    template: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @asynccontextmanager
    async def passage(self, template: str | None = None, **settings: str) -> AsyncIterator[Passage]:
        """One at a time: workers of two would take each other's work.

        Args:
            template: The database that it begins with; an empty one if None.
        """
        await self.heal()
        name = f"passage_{next(self._numbers)}"
        url = await self._database(name, template or self.template)
        folder = self.folder / name
        folder.mkdir()
        passage = Passage(self.client, self.temporal.address, url, folder, settings=settings)
        try:
            yield passage
        finally:
            passage.end_all()
            await self._clear()
            shutil.rmtree(folder / "blobs", ignore_errors=True)

    async def heal(self) -> None:
        """Start what a trial has left dead because it failed, so that no other fails for it."""
        for server in (self.postgres, self.temporal):
            if server.pid is None:
                await server.start()

    async def _database(self, name: str, template: str) -> str:
        admin_url = self.postgres.admin_url
        async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
            await admin.execute(
                sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        return psycopg.conninfo.make_conninfo(admin_url, dbname=name)

    async def _clear(self) -> None:
        """Whatever a run has left open must not meet the workers of the next, who make schedules of their own."""
        async for schedule in await self.client.list_schedules():
            await self.client.get_schedule_handle(schedule.id).delete()
        async for execution in self.client.list_workflows("ExecutionStatus = 'Running'"):
            try:
                handle = self.client.get_workflow_handle(execution.id, run_id=execution.run_id)
                await handle.terminate("the run is over")
            except RPCError:
                continue


async def kill(server: PostgresServer | TemporalServer) -> None:
    """
    Raises:
        RuntimeError: if it does not run.
    """
    if not server.pid:
        raise RuntimeError("what does not run cannot be killed")
    os.kill(server.pid, signal.SIGKILL)
    await server.ended()


class LimitedTemporal(TemporalServer):
    """One whose histories may be only so long.

    Args:
        limits: `suggestContinueAsNew` and `error`, in events.
    """

    def __init__(self, home: Path, limits: Mapping[str, int]) -> None:
        super().__init__(home)
        self._limits = limits
        self._environment: WorkflowEnvironment | None = None

    @property
    def pid(self) -> int | None:
        """Nothing to kill: the SDK keeps that to itself. None if it does not run."""
        return 0 if self._environment else None

    async def start(self) -> None:
        limits = [f"limit.historyCount.{name}={events}" for name, events in self._limits.items()]
        self._environment = await WorkflowEnvironment.start_local(
            dev_server_existing_path=str(find_binary()),
            dev_server_log_level="error",
            dev_server_extra_args=[word for limit in limits for word in ("--dynamic-config-value", limit)],
        )
        self.address = self._environment.client.service_client.config.target_host

    async def stop(self, grace: float = 0.0) -> None:
        if self._environment:
            await self._environment.shutdown()


@asynccontextmanager
async def open_rig(folder: Path, temporal: TemporalServer | None = None) -> AsyncIterator[Rig]:
    folder.mkdir(exist_ok=True)
    postgres, temporal = PostgresServer(folder / "postgres"), temporal or TemporalServer(folder / "temporal")
    try:
        await postgres.start()
        await temporal.start()
        client = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
        await ensure_namespace(client)
        rig = Rig(folder, postgres, temporal, client, "template1")
        await migrate(await rig._database("migrated", "template1"))
        rig.template = "migrated"
        yield rig
    finally:
        await temporal.stop(grace=2)
        await postgres.stop()
        shutil.rmtree(postgres.folder, ignore_errors=True)
