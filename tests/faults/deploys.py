"""A new version of the workers in the middle of an import."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from tests.faults.bench import Bench
from tests.faults.door import open_door, reason_of
from tests.faults.kills import NAME, Done, check_same, disturb, outcome
from tests.faults.passage import Passage
from tests.faults.rig import open_rig
from tests.faults.seams import MISFIT
from tests.faults.trials import Outcome, Trial
from tests.integration.voyage import Handle
from worker.queues import DEPLOYMENT

_VERSION = "LONGSHORE_WORKER_VERSION"
_KNOWN_S = 30.0
_TOLD_S = 60.0
"""Three attempts at a task make code that fails; the third is some twenty seconds after the first."""


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


def misfitting(bench: Bench) -> Iterable[Trial]:
    yield Trial("workers whose workflows do not fit, and then the old ones", lambda: _misfitting(bench), lasts_s=35)


async def _misfitting(bench: Bench) -> Outcome:
    """Nothing is lost by it: the API says what fails, and the import goes on with the code that fits."""
    async with bench.rig.passage() as passage:
        fitting = passage.start_worker()
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        async with open_door(passage) as door:
            view = (await door.post(submission)).json()["import"]
            path = view["links"]["self"]
            handle = door.handle(view)
            async with passage.watched(handle):
                await passage.crossed("embed_batch.before_call")
                fitting.kill()
                deployed_at = time.monotonic()
                misfit = passage.start("worker", None, **{MISFIT: "1"})
                told_s = await door.until(path, lambda shown: reason_of(shown) == "workflow_task_failing", _TOLD_S)
                misfit.kill()
                passage.start_worker()
                healed_at = time.monotonic()
                record = await passage.finish(handle)
            await door.until(path, lambda shown: shown["state"] == "succeeded", 10)
        await check_same(passage, record, bench.undisturbed)
        cost = outcome(passage, bench.undisturbed, deployed_at, healed_at)
        return replace(cost, told_s=told_s)


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
