"""The API does what its schema says, whatever it is sent: schemathesis against a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.app import create_app
from longshore.graph.db import Pool
from longshore.settings import Settings
from longshore.stack.temporal import TemporalServer
from tests.api.scripted import record_closed, submission_of
from tests.security.conftest import Gate

PROJECT, IMPORT = "harbour", "zotero.logbook.0123456789ab"
EXAMPLES = 3
CONFIG = schemathesis.Config.from_dict({"phases": {"coverage": {"unexpected-methods": ["PATCH"]}}})
SCHEMA = schemathesis.openapi.from_dict(create_app(Settings()).openapi(), config=CONFIG)


@pytest_asyncio.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a Temporal without any worker, for what is started here is never to be run."""
    server = TemporalServer(tmp_path_factory.mktemp("unattended"))
    await server.start()
    yield server.address
    await server.stop()


@pytest_asyncio.fixture(scope="module")
async def key(guarded: Gate, gate_pool: Pool) -> str:
    """Of scope admin, for a project in which one import has closed."""
    await record_closed(gate_pool, submission_of(PROJECT, IMPORT, "Logbook", submitted_at=datetime.now(UTC)))
    return await guarded.key("admin", projects=[PROJECT])


@pytest.fixture(scope="module")
def address(
    gate_url: str, engine: str, tmp_path_factory: pytest.TempPathFactory, unused_tcp_port_factory: Callable[[], int]
) -> Iterator[str]:
    home, free_port = tmp_path_factory.mktemp("process"), unused_tcp_port_factory()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LONGSHORE", "TEMPORAL"))}
    ours = {
        "LONGSHORE_HOME": str(home),
        "LONGSHORE_DATABASE_URL": gate_url,
        "LONGSHORE_PORT": str(free_port),
        "LONGSHORE_REQUIRE_KEYS": "true",
        "TEMPORAL_ADDRESS": engine,
    }
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen([sys.executable, "-m", "api"], env={**inherited, **ours}, stderr=log) as process,
    ):
        yield _answering(f"http://127.0.0.1:{free_port}", process)
        process.terminate()


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_the_api_does_what_its_schema_says(case: schemathesis.Case[Any], address: str, key: str) -> None:
    if case.operation.path.endswith("/events"):
        case.query = {"until": "snapshot", **(case.query or {})}  # a stream without it has no end
    known = {"project": PROJECT, **({"import_id": IMPORT} if case.method == "GET" else {})}
    for name, value in known.items():
        if re.fullmatch(r"[\w.-]{1,63}", str((case.path_parameters or {}).get(name, ""))):
            case.path_parameters[name] = value
    case.call_and_validate(
        base_url=address,
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
        # Much that has the right form is refused for what it means: a digest of other bytes, a token of another list.
        excluded_checks=[positive_data_acceptance],
    )


def _answering(address: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx2.get(f"{address}/healthz")
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return address
    raise AssertionError("the API does not start")
