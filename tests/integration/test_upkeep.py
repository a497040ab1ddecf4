"""What operators do and suffer: Temporal's database is put back to an earlier state, or lost; workers are deployed.

The first is what a restored backup is: its Temporal was copied before its Postgres.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode

from longshore.graph.db import migrate
from longshore.stack.backup.snapshots import copy_sqlite
from longshore.stack.temporal import TemporalServer, note_loss
from tests.integration.conftest import Engines
from tests.integration.library import write_library
from tests.integration.voyage import PATIENCE_S, Voyage
from worker.queues import DEPLOYMENT
from workflows.contracts import ClosingRecord, Progress
from workflows.imports import ImportWorkflow

pytestmark = pytest.mark.timeout(240)  # a module's engines count with its first and last test

ITEMS = 70
_numbers = itertools.count()
_NOT_YET = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)


def begun(progress: Progress) -> bool:
    """Whether a batch or two are written."""
    return progress.items.added >= 10


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


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_library(tmp_path_factory.mktemp("library") / "export", ITEMS)


@pytest_asyncio.fixture(scope="module")
async def undisturbed(make_voyage: Callable[[], Awaitable[Voyage]], library: Path) -> dict[str, str]:
    voyage = await make_voyage()
    voyage.start_worker()
    assert (await voyage.finish(await voyage.submit(library, "library"))).items.added == ITEMS
    voyage.stop_workers()
    return await voyage.digests()


@pytest.mark.thorough
async def test_an_engine_that_is_older_than_the_database_does_again_what_changes_nothing(
    vessel: Vessel, library: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    voyage, earlier = vessel.voyage, tmp_path / "earlier.db"
    worker = voyage.start_worker()
    handle = await voyage.submit(library, "library")
    progress = await voyage.until(handle, begun)
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
    assert await voyage.digests() == undisturbed


@pytest.mark.thorough
async def test_what_a_lost_engine_has_forgotten_is_settled_and_submitted_again(
    vessel: Vessel, library: Path, undisturbed: dict[str, str]
) -> None:
    voyage = vessel.voyage
    worker = voyage.start_worker()
    handle = await voyage.submit(library, "library")
    lost = (await voyage.until(handle, begun)).import_id
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
    assert record.items.unchanged == records[lost].items.added >= 10
    assert record.items.unchanged + record.items.added == ITEMS
    assert await voyage.digests() == undisturbed


async def make_current(client: Client, version: str) -> None:
    """What `temporal worker deployment set-current-version` does, as soon as a worker of the version has come."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=version, identity="operator"
    )
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await client.workflow_service.set_worker_deployment_current_version(
                    request, timeout=timedelta(seconds=5)
                )
            except RPCError as error:
                if error.status not in _NOT_YET:
                    raise
                await asyncio.sleep(0.2)
            else:
                return


@pytest.mark.thorough
async def test_an_import_moves_on_to_the_version_that_is_made_the_current_one(
    vessel: Vessel, library: Path, undisturbed: dict[str, str]
) -> None:
    voyage = vessel.voyage
    voyage.settings = {"LONGSHORE_WORKER_VERSION": "1"}
    older = voyage.start_worker()
    submission = await voyage.hand_over(library, "library")
    handle = await voyage.begin(submission)
    await handle.signal(ImportWorkflow.pause, submission.import_id)
    await make_current(voyage.client, "1")
    await voyage.until(handle, lambda progress: progress.state == "paused")
    voyage.settings = {"LONGSHORE_WORKER_VERSION": "2"}
    voyage.start_worker()
    await make_current(voyage.client, "2")
    older.terminate()
    assert older.wait(30) == 0
    await handle.signal(ImportWorkflow.resume, submission.import_id)
    record = await voyage.finish(handle)

    described = (await handle.describe()).raw_description.workflow_execution_info
    assert described.versioning_info.deployment_version.build_id == "2"
    assert record.state == "succeeded"
    assert await voyage.digests() == undisturbed
