"""A new version of the workers in the middle of an import."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from tests.faults.bench import Bench
from tests.faults.kills import Done, disturb
from tests.faults.passage import Passage
from tests.faults.rig import open_rig
from tests.faults.trials import Outcome, Trial
from tests.integration.voyage import Handle
from worker.queues import DEPLOYMENT

_VERSION = "LONGSHORE_WORKER_VERSION"
_KNOWN_S = 30.0


def versioned(bench: Bench) -> Iterable[Trial]:
    yield Trial("a version is made current, then the next", lambda: _deployed(bench))


async def _deployed(bench: Bench) -> Outcome:
    """With Worker Deployment Versioning; on engines of its own, whose queues it changes for good."""

    async def deploy(passage: Passage, handle: Handle) -> Done:
        await _make_current(passage.client, "first")
        await passage.crossed("embed_batch.before_call")
        passage.settings[_VERSION] = "second"
        passage.start_worker()
        await _make_current(passage.client, "second")
        deployed_at = time.monotonic()
        passage.workers[0].terminate()
        await asyncio.to_thread(passage.workers[0].wait, 30)
        return Done(deployed_at)

    async with open_rig(bench.rig.folder / "deployed") as rig:
        return await disturb(rig, bench.undisturbed, deploy, **{_VERSION: "first"})


async def _make_current(client: Client, version: str) -> None:
    """As `temporal worker deployment set-current-version` does, once Temporal has heard of the version."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=version, ignore_missing_task_queues=True
    )
    async with asyncio.timeout(_KNOWN_S):
        while True:
            try:
                await client.workflow_service.set_worker_deployment_current_version(request)
            except RPCError:
                await asyncio.sleep(0.2)
            else:
                return
