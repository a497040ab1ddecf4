"""A worker's life: connect, serve every queue, stop gracefully."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from longshore.blobs import BlobStore
from longshore.embedding.choosing import Embedders
from longshore.embedding.static import StaticEmbedder
from longshore.errors import StackError
from longshore.extraction.choosing import Extractors
from longshore.extraction.concepts import CValueExtractor
from longshore.graph.db import migrate, open_pool
from longshore.graph.nearness import Model
from longshore.histories.codec import data_converter
from longshore.histories.keyring import Keyring
from longshore.parsing.pool import ParserPool
from longshore.providers.settings import read_providers
from longshore.secret import installation_key
from longshore.settings import Settings
from longshore.sources.upstreams import Upstreams
from longshore.stack.losses import note_losses
from worker.histories import check_readable
from worker.indexing import keeping_indexes
from worker.queues import Library, build_workers
from worker.schedules import ensure_schedules
from worker.vigil import keeping_vigil, leave_within

GRACE = timedelta(seconds=15)
_LEAVING = timedelta(seconds=4)
"""What it takes to leave after the grace; those who stop workers then kill them after 20 s."""
_CONNECT_PATIENCE_S = 60.0
_CONNECTIONS = 12

log = structlog.get_logger()


async def run_worker(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; running activities then have 15 seconds to end before they are cancelled.

    Raises:
        StackError: when the database or the engine cannot be reached.
    """
    if not settings.database_url:
        raise StackError("no_database", "LONGSHORE_DATABASE_URL is not set", "Start the stack with `longshore up`.")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await migrate(settings.database_url)
    client = await connect(settings)
    await check_readable(client)
    await ensure_schedules(client)
    await note_losses(settings)
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url, max_size=_CONNECTIONS)
        stack.push_async_callback(pool.close)
        await stack.enter_async_context(keeping_vigil(pool))
        providers = read_providers(settings.providers_file)
        embedders, extractors = Embedders(StaticEmbedder(), providers), Extractors(providers)
        stack.push_async_callback(embedders.close)
        stack.push_async_callback(extractors.close)
        models = [Model(remote.model, remote.dimensions) for remote in embedders.remote.values()]
        await stack.enter_async_context(keeping_indexes(pool, settings.database_url, models))
        library = Library(
            pool=pool,
            blobs=BlobStore(settings.blob_url),
            upstreams=Upstreams.of(settings),
            parsers=await stack.enter_async_context(ParserPool(processes=settings.parse_processes)),
            extractor=CValueExtractor(),
            embedders=embedders,
            default_embedder=settings.embedder,
            extractors=extractors,
            default_extractor=settings.extractor,
            installation_key=installation_key(settings),
        )
        version = settings.worker_version
        for worker in build_workers(client, library, settings.parse_processes, GRACE, version=version):
            await stack.enter_async_context(worker)
        log.info("worker started", temporal=settings.temporal_address, version=version)
        await stop.wait()
        log.info("worker stops")
        leave_within(GRACE + _LEAVING)


async def connect(settings: Settings) -> Client:
    """A client of the engine, waiting for it as long as an engine takes to start.

    Raises:
        StackError: `temporal_unreachable`, `history_key_invalid`.
    """
    if not settings.temporal_address:
        raise StackError("no_temporal", "TEMPORAL_ADDRESS is not set", "Start the stack with `longshore up`.")
    converter, runtime = data_converter(Keyring.of(settings)), runtime_of(settings)
    deadline = asyncio.get_running_loop().time() + _CONNECT_PATIENCE_S
    while True:
        try:
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=converter,
                runtime=runtime,
            )
        except RuntimeError as error:
            if asyncio.get_running_loop().time() > deadline:
                raise StackError(
                    "temporal_unreachable",
                    f"Temporal does not answer at {settings.temporal_address}",
                    "Check TEMPORAL_ADDRESS.",
                ) from error
            await asyncio.sleep(0.5)


def runtime_of(settings: Settings) -> Runtime:
    """The SDK's runtime; its metrics are shown to a Prometheus on this machine where the settings name a port.

    Raises:
        StackError: `metrics_port_taken`.
    """
    telemetry = TelemetryConfig()
    if settings.metrics_port is not None:
        address = f"127.0.0.1:{settings.metrics_port}"
        telemetry = TelemetryConfig(metrics=PrometheusConfig(address, durations_as_seconds=True))
    try:
        return Runtime(telemetry=telemetry, worker_heartbeat_interval=timedelta(seconds=5))
    except ValueError as error:
        raise StackError(
            "metrics_port_taken",
            f"The worker's metrics cannot be shown at port {settings.metrics_port}: {error}",
            "Set LONGSHORE_METRICS_PORT to a free port, one for each worker, or unset it.",
        ) from error
