"""Which queue does what, and how much of it at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.batches import BatchActivities
from activities.collecting import CollectingActivities
from activities.comparing import ComparingActivities
from activities.deletion import DeletionActivities
from activities.embedding import EmbeddingActivities
from activities.extraction import ExtractionActivities
from activities.imports import ImportActivities
from activities.rescanning import RescanActivities
from activities.settling import SettlingActivities
from activities.webhooks import WebhookActivities
from longshore.blobs import BlobStore
from longshore.embedding.choosing import OFFLINE, Embedders
from longshore.extraction.base import Extractor
from longshore.extraction.choosing import Extractors
from longshore.graph.db import Pool
from longshore.parsing.pool import ParserPool
from longshore.sources.upstreams import Upstreams
from workflows import contracts
from workflows.deletion import DeleteProjectWorkflow
from workflows.imports import ImportWorkflow
from workflows.previewing import PreviewWorkflow
from workflows.rescanning import RescanWorkflow
from workflows.sweeping import CollectingWorkflow, SettlingWorkflow
from workflows.variants import PromoteWorkflow, VariantsWorkflow
from workflows.webhooks import WebhooksWorkflow

DEPLOYMENT = "longshore"
_STICKY = timedelta(seconds=1)
"""How long a task waits for the worker that knows the workflow: after a kill this is time lost."""
_HEARTBEAT_THROTTLE = timedelta(seconds=1)
_WORKFLOWS_CACHED = 200


@dataclass(frozen=True)
class Library:
    """The pieces of the trade that activities are made of."""

    pool: Pool
    blobs: BlobStore
    upstreams: Upstreams
    parsers: ParserPool
    extractor: Extractor
    embedders: Embedders
    installation_key: bytes
    default_embedder: str = OFFLINE
    extractors: Extractors = field(default_factory=Extractors)
    default_extractor: str = OFFLINE
    """Both of projects that have not been told."""


def build_workers(
    client: Client,
    library: Library,
    parse_processes: int,
    grace: timedelta,
    max_cached_workflows: int = _WORKFLOWS_CACHED,
    version: str | None = None,
) -> list[Worker]:
    """One worker for workflows and one for each queue of activities, all in this process.

    Args:
        version: Of Temporal's Worker Deployment Versioning; work comes only once it is the current one.
    """
    deployment = _deployment(version) if version else None
    imports = ImportActivities(
        library.pool,
        library.blobs,
        library.upstreams,
        library.embedders,
        library.default_embedder,
        library.extractors,
        library.default_extractor,
    )
    deletion = DeletionActivities(library.pool, library.blobs)
    webhooks = WebhookActivities(library.pool, library.installation_key)
    collecting = CollectingActivities(library.pool, library.blobs, client)
    comparing = ComparingActivities(library.pool, library.blobs, library.extractor, library.embedders)
    rescans = RescanActivities(library.pool, client)
    settling = SettlingActivities(library.pool, client)
    batches = BatchActivities(library.pool, library.blobs, library.parsers, library.extractor, library.embedders)

    embedding = EmbeddingActivities(library.pool, library.embedders, batches.texts)
    extraction = ExtractionActivities(library.pool, library.extractors, batches.texts)

    def serve(
        queue: str, activities: Sequence[Callable[..., Any]], at_once: int, per_second: float | None = None
    ) -> Worker:
        return Worker(
            client,
            task_queue=queue,
            activities=activities,
            max_concurrent_activities=at_once,
            max_task_queue_activities_per_second=per_second,
            graceful_shutdown_timeout=grace,
            max_heartbeat_throttle_interval=_HEARTBEAT_THROTTLE,
            default_heartbeat_throttle_interval=_HEARTBEAT_THROTTLE,
            disable_eager_activity_execution=True,
            deployment_config=deployment,
        )

    return [
        Worker(
            client,
            task_queue=contracts.WORKFLOW_QUEUE,
            workflows=[
                CollectingWorkflow,
                DeleteProjectWorkflow,
                ImportWorkflow,
                PreviewWorkflow,
                PromoteWorkflow,
                RescanWorkflow,
                SettlingWorkflow,
                VariantsWorkflow,
                WebhooksWorkflow,
            ],
            workflow_runner=SandboxedWorkflowRunner(
                restrictions=SandboxRestrictions.default.with_passthrough_modules("workflows")
            ),
            sticky_queue_schedule_to_start_timeout=_STICKY,
            max_cached_workflows=max_cached_workflows,
            deployment_config=deployment,
        ),
        serve(
            contracts.PARSE_QUEUE,
            [imports.stage_source, imports.preview_import, batches.parse_batch],
            parse_processes + 1,
        ),
        serve(
            contracts.EXTRACT_QUEUE,
            [
                batches.extract_batch,
                batches.extract_again,
                extraction.plan_extraction,
                extraction.plan_extraction_rest,
                extraction.give_up_passage,
            ],
            2,
        ),
        serve(
            contracts.EMBED_QUEUE,
            [batches.embed_batch, embedding.plan_embedding, embedding.plan_rest, embedding.embed_rest],
            2,
        ),
        *(
            serve(
                contracts.provider_queue(remote.provider.id),
                [embedding.embed_request],
                remote.provider.slots,
                remote.provider.limits.rps,
            )
            for remote in library.embedders.remote.values()
        ),
        *(
            serve(
                contracts.provider_queue(model.provider.id),
                [extraction.extract_request],
                model.provider.slots,
                model.provider.limits.rps,
            )
            for model in library.extractors.remote.values()
        ),
        serve(
            contracts.GRAPH_QUEUE,
            [
                imports.open_import,
                imports.plan_import,
                imports.requeue_failed,
                imports.plan_links,
                imports.close_import,
                batches.write_batch,
                batches.retire_batch,
                batches.fail_batch,
                batches.link_batch,
                rescans.submit_rescan,
                deletion.begin_deletion,
                deletion.count_open_imports,
                deletion.delete_rows,
                deletion.delete_blobs,
                comparing.open_comparison,
                comparing.open_space,
                comparing.draw_questions,
                comparing.measure_retrieval,
                comparing.measure_structure,
                comparing.measure_cost,
                comparing.close_comparison,
                comparing.promote_variant,
            ],
            4,
        ),
        serve(contracts.WEBHOOK_QUEUE, [webhooks.choose_webhooks, webhooks.deliver_webhook], 8),
        serve(contracts.SWEEP_QUEUE, [settling.settle_imports, collecting.collect_blobs], 2),
    ]


def _deployment(version: str) -> WorkerDeploymentConfig:
    """What runs moves on to the version that is made the current one: every recorded history replays with it."""
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(DEPLOYMENT, version),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
