"""The engine alone: a worker whose parser and embedder do nothing. Run as `python -m bench.engine`."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import cast

import numpy as np
import structlog
from numpy.typing import NDArray

from bench.plain import CONNECTIONS
from longshore.blobs import BlobStore
from longshore.embedding.choosing import Embedders
from longshore.extraction.concepts import CValueExtractor
from longshore.graph.db import migrate, open_pool
from longshore.log import configure
from longshore.parsing.model import Parsed
from longshore.parsing.pool import ParserPool
from longshore.secret import installation_key
from longshore.settings import Settings
from longshore.sources.upstreams import Upstreams
from worker.queues import Library, build_workers
from worker.run import connect


class NoParser:
    async def parse(self, path: Path, media_type: str | None, name: str, passage: int) -> Parsed:
        return Parsed()


class NoEmbedder:
    model = "none"
    dimensions = 1

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), self.dimensions), dtype=np.float32)


async def main(settings: Settings) -> None:
    assert settings.database_url
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await migrate(settings.database_url)
    client = await connect(settings)
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url, max_size=CONNECTIONS)
        stack.push_async_callback(pool.close)
        library = Library(
            pool=pool,
            blobs=BlobStore(settings.blob_url),
            upstreams=Upstreams.of(settings),
            parsers=cast(ParserPool, NoParser()),
            extractor=CValueExtractor(),
            embedders=Embedders(NoEmbedder()),
            installation_key=installation_key(settings),
        )
        for worker in build_workers(client, library, settings.parse_processes, timedelta(seconds=5)):
            await stack.enter_async_context(worker)
        structlog.get_logger().info("worker started")
        await stop.wait()


if __name__ == "__main__":
    configure("info")
    asyncio.run(main(Settings()))
    # As in worker/__main__.py: the SDK's runtime can abort the interpreter while it exits.
    os._exit(0)
