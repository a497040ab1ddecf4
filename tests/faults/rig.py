"""Engines that are there to be killed, and passages on them."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from longshore.graph.db import migrate
from longshore.stack.namespace import ensure_namespace
from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer
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
    async def passage(self, **settings: str) -> AsyncIterator[Passage]:
        """One at a time: workers of two would take each other's work."""
        name = f"passage_{next(self._numbers)}"
        url = await self._database(name, self.template)
        folder = self.folder / name
        folder.mkdir()
        passage = Passage(self.client, self.temporal.address, url, folder, settings=settings)
        try:
            yield passage
        finally:
            passage.end_all()
            await self._clear()
            shutil.rmtree(folder / "blobs", ignore_errors=True)

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


@asynccontextmanager
async def open_rig(folder: Path) -> AsyncIterator[Rig]:
    postgres, temporal = PostgresServer(folder / "postgres"), TemporalServer(folder / "temporal")
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
