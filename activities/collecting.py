"""Collecting the files that nothing needs any more."""

from __future__ import annotations

from collections import defaultdict
from contextlib import aclosing
from dataclasses import asdict

import structlog
from temporalio import activity
from temporalio.client import Client

from activities.errors import translated
from activities.heartbeat import Beat, beating
from activities.runs import Runs
from longshore.blobs import BlobStore
from longshore.graph import collecting
from longshore.graph.db import Pool
from longshore.ids import home_of
from workflows.contracts import Collect, Collected

log = structlog.get_logger()


class CollectingActivities:
    def __init__(self, pool: Pool, blobs: BlobStore, client: Client) -> None:
        self._pool = pool
        self._blobs = blobs
        self._runs = Runs(client)

    @activity.defn(name="collect_blobs")
    async def collect_blobs(self, request: Collect) -> Collected:
        async with beating() as beat:
            with translated():
                waiting, unclear = await self._waiting()
                every = Collected()
                for project in await self._blobs.projects():
                    if project in unclear:
                        log.info("files not collected", project=project, reason="an import waits for unnamed files")
                        continue
                    of_project = await self._collect(project, waiting[project], beat)
                    every = _sum(every, of_project)
                return every

    async def _collect(self, project: str, waiting: set[str], beat: Beat) -> Collected:
        collected = Collected()
        async with aclosing(collecting.collect(self._pool, self._blobs, project, waiting)) as pages:
            async for page in pages:
                collected = _sum(collected, Collected(**asdict(page)))
                beat.done += page.files
        if collected.set_aside or collected.deleted or collected.rows:
            log.info("files collected", project=project, **collected.model_dump())
        return collected

    async def _waiting(self) -> tuple[dict[str, set[str]], set[str]]:
        """By project the manifests that the engine holds submissions of; and projects where it does not name them."""
        manifests: dict[str, set[str]] = defaultdict(set)
        unclear: set[str] = set()
        async for run in self._runs.running():
            for submission in (run.submission or {}, run.follow_up):
                if submission is None:
                    continue
                if isinstance(manifest := submission.get("manifest"), str):
                    manifests[home_of(run.project)].add(manifest)
                else:
                    unclear.add(home_of(run.project))
        return manifests, unclear


def _sum(some: Collected, more: Collected) -> Collected:
    return Collected(**{name: count + getattr(more, name) for name, count in some})
