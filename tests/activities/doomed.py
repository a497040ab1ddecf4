"""`python -m tests.activities.doomed DATABASE_URL ATTEMPT`: an attempt at a step, by a worker that some texts kill."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from temporalio.testing import ActivityEnvironment

from activities.batches import BatchActivities
from longshore.blobs import BlobStore
from longshore.embedding.choosing import Embedders
from longshore.embedding.static import StaticEmbedder
from longshore.extraction.base import Mention
from longshore.extraction.concepts import CValueExtractor
from longshore.graph.db import open_pool
from longshore.parsing.pool import ParserPool
from tests.activities.test_quarantine import REF


class Doomed:
    """Dies over a text with the word poison."""

    name = CValueExtractor().name

    def extract(self, passages: Sequence[str]) -> list[Mention]:
        if "poison" in " ".join(passages):
            os.kill(os.getpid(), signal.SIGKILL)
        return []


async def main(database_url: str, attempt: int) -> None:
    pool = await open_pool(database_url, max_size=3)
    with tempfile.TemporaryDirectory() as folder:
        batches = BatchActivities(
            pool, BlobStore(folder), cast(ParserPool, None), Doomed(), Embedders(StaticEmbedder())
        )
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, attempt=attempt, heartbeat_details=[{"memory_mb": 480}])
        await environment.run(batches.extract_batch, REF)
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
