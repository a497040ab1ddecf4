"""Temporal's database is put back to an earlier state, or lost, and Postgres is not: imports end in the same graph.

The first is what a restored backup is: its Temporal was copied before its Postgres.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest_asyncio
from psycopg import sql
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from longshore.graph.db import migrate
from longshore.stack.backup.snapshots import copy_sqlite
from longshore.stack.temporal import TemporalServer, note_loss
from tests.integration.conftest import ITEMS, Engines, Undisturbed
from tests.integration.test_recovery import settled
from tests.integration.voyage import Voyage
from workflows.contracts import ClosingRecord

_numbers = itertools.count()


@dataclass
class Vessel:
    """A voyage with a Temporal of its own, whose database can be lost."""

    voyage: Voyage
    temporal: TemporalServer

    @property
    def folder(self) -> Path:
        return self.voyage.folder / "temporal"

    async def sink(self) -> None:
        """End Temporal and lose its database."""
        await self.temporal.stop()
        for path in self.folder.glob("temporal.db*"):
            path.unlink()

    async def records(self) -> dict[str, ClosingRecord]:
        async with await psycopg.AsyncConnection.connect(self.voyage.database_url) as connection:
            cursor = await connection.execute("select import_id, record from imports where record is not null")
            return {name: ClosingRecord.model_validate(record) for name, record in await cursor.fetchall()}


@pytest_asyncio.fixture
async def vessel(engines: Engines, tmp_path: Path) -> AsyncIterator[Vessel]:
    name = f"vessel_{next(_numbers)}"
    async with await psycopg.AsyncConnection.connect(engines.postgres.admin_url, autocommit=True) as admin:
        await admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = psycopg.conninfo.make_conninfo(engines.postgres.admin_url, dbname=name)
    await migrate(url)
    temporal = TemporalServer(tmp_path)
    await temporal.start()
    client = await Client.connect(temporal.address, data_converter=pydantic_data_converter)
    voyage = Voyage(client, temporal.address, url, tmp_path)
    yield Vessel(voyage, temporal)
    voyage.stop_workers()
    await temporal.stop()


async def test_an_engine_that_is_older_than_the_database_does_again_what_changes_nothing(
    vessel: Vessel, library: Path, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    voyage, earlier = vessel.voyage, tmp_path / "earlier.db"
    worker = voyage.start_worker()
    handle = await voyage.submit(library, "library")
    progress = await voyage.until(handle, settled(0.2))
    copy_sqlite(vessel.folder / "temporal.db", earlier)
    first = await voyage.finish(handle)
    worker.kill()
    worker.wait()

    await vessel.sink()
    earlier.rename(vessel.folder / "temporal.db")
    note_loss(vessel.folder)
    await vessel.temporal.start()
    assert (await handle.describe()).close_time is None, "it believes that the import still runs"
    voyage.start_worker()
    again = await voyage.finish(handle)

    assert (first.state, again.state) == ("succeeded", "succeeded")
    assert again.items == first.items
    assert await vessel.records() == {progress.import_id: again}
    assert await voyage.digests() == undisturbed.digests


async def test_what_a_lost_engine_has_forgotten_is_settled_and_submitted_again(
    vessel: Vessel, library: Path, undisturbed: Undisturbed
) -> None:
    voyage = vessel.voyage
    worker = voyage.start_worker()
    handle = await voyage.submit(library, "library")
    lost = (await voyage.until(handle, settled(0.3))).import_id
    worker.kill()
    worker.wait()

    await vessel.sink()
    await vessel.temporal.start()
    voyage.start_worker()
    following = await voyage.until(handle, lambda progress: progress.import_id != lost)
    record = await voyage.finish(handle)

    records = await vessel.records()
    assert records.keys() == {lost, following.import_id}
    reason = records[lost].reason
    assert reason is not None
    assert (records[lost].state, reason.code) == ("failed", "engine_lost")
    assert following.import_id in reason.message
    assert record.state == "succeeded"
    assert record.items.unchanged == records[lost].items.added >= 0.3 * ITEMS
    assert record.items.unchanged + record.items.added == ITEMS
    assert await voyage.digests() == undisturbed.digests
