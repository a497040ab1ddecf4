from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.bench import Bench, open_benches


@pytest_asyncio.fixture(scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    async with open_benches(tmp_path_factory.mktemp("bench"), seed=1, lanes=1) as [opened]:
        yield opened
