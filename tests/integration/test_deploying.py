"""A new version of the worker goes on with what an older one has begun, at the word of whoever deploys it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tests.integration.conftest import Undisturbed
from tests.integration.test_recovery import settled
from tests.integration.voyage import PATIENCE_S, Voyage
from worker.queues import DEPLOYMENT

_NOT_YET = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)


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


async def test_an_import_moves_on_to_the_version_that_is_made_the_current_one(
    voyage: Voyage, library: Path, undisturbed: Undisturbed
) -> None:
    voyage.settings = {"LONGSHORE_WORKER_VERSION": "1"}
    older = voyage.start_worker()
    handle = await voyage.submit(library, "library")
    await make_current(voyage.client, "1")
    await voyage.until(handle, settled(0.2))
    voyage.settings = {"LONGSHORE_WORKER_VERSION": "2"}
    voyage.start_worker()
    await make_current(voyage.client, "2")
    older.terminate()
    assert older.wait(30) == 0
    record = await voyage.finish(handle)

    described = (await handle.describe()).raw_description.workflow_execution_info
    assert described.versioning_info.deployment_version.build_id == "2"
    assert record.state == "succeeded"
    assert await voyage.digests() == undisturbed.digests
