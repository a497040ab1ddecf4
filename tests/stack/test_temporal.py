from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL

import httpx2
import pytest
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client

from longshore.errors import StackError
from longshore.stack.namespace import RETENTION, SEARCH_ATTRIBUTES, describe_namespace
from longshore.stack.process import Identity
from longshore.stack.temporal import TemporalServer, reach

START = """
import asyncio, pathlib, sys
from longshore.stack.temporal import TemporalServer
async def main():
    print("now", flush=True)
    await TemporalServer(pathlib.Path(sys.argv[1])).start()
asyncio.run(main())
"""
OBJECTS = "select type, name from sqlite_master where type in ('table', 'index', 'trigger') order by 1, 2"


async def killed_at(home: Path, moment: float) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", START, str(home), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    assert await process.stdout.readline() == b"now\n"
    await asyncio.sleep(moment)  # the moment is what is tried, not a wait
    starting = Identity.of(process.pid)
    for victim in [starting, *starting.descendants()] if starting else []:
        victim.signal(SIGKILL)
    await process.communicate()


async def registered(client: Client) -> timedelta:
    await client.count_workflows(" or ".join(f"{name} = 'x'" for name in SEARCH_ATTRIBUTES))
    return await describe_namespace(client)


def objects(home: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(home / "temporal" / "temporal.db")
    try:
        return connection.execute(OBJECTS).fetchall()
    finally:
        connection.close()


@pytest.mark.thorough
async def test_a_kill_at_any_moment_of_the_first_boot_leaves_a_temporal_that_starts(
    make_home: Callable[[], Path],
) -> None:
    moments = [None, 0.04, 0.08, 0.12, 0.3, 1.2]
    homes = [make_home() for _ in moments]

    async def start(home: Path, moment: float | None) -> timedelta:
        if moment is not None:
            await killed_at(home, moment)
        server = TemporalServer(home)
        await server.start()
        try:
            return await registered(await Client.connect(server.address))
        finally:
            await server.stop()

    retentions = await asyncio.gather(*map(start, homes, moments))
    assert retentions == [RETENTION] * len(moments)
    undisturbed = objects(homes[0])
    assert len(undisturbed) > 100
    assert [objects(home) for home in homes] == [undisturbed] * len(moments)


async def test_registers_search_attributes_and_retention_on_every_start(home: Path) -> None:
    server = TemporalServer(home)
    await server.start()
    address, client = server.address, await Client.connect(server.address)
    config = NamespaceConfig()
    config.workflow_execution_retention_ttl.FromTimedelta(timedelta(days=1))
    await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace="default", config=config))
    remove = RemoveSearchAttributesRequest(namespace="default", search_attributes=SEARCH_ATTRIBUTES)
    await client.operator_service.remove_search_attributes(remove)
    await server.stop()

    await server.start()
    assert server.address == address
    assert await registered(await Client.connect(address)) == RETENTION
    assert await server.probe() is None
    with pytest.raises(StackError, match="no namespace 'elsewhere'"):
        await reach(address, "elsewhere", 5)
    await server.stop()
    assert server.pid is None


async def test_the_web_ui_knows_where_histories_are_decoded(home: Path) -> None:
    server = TemporalServer(home, codec_url="http://127.0.0.1:9/v1/system/codec")
    await server.start()
    async with httpx2.AsyncClient() as http:
        told = await http.get(f"{server.ui}/api/v1/settings")
    await server.stop()

    assert told.json()["Codec"]["Endpoint"] == "http://127.0.0.1:9/v1/system/codec"
