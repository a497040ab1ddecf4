"""Providers as the API shows and steers them, and search by what a project was embedded with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from api.graph.querying import QueryEmbedder
from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import Rule, Script
from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from longshore.graph.indexes import Index
from longshore.ids import workflow_id
from longshore.providers import gates
from longshore.providers.refusals import ProviderRefusal
from longshore.providers.settings import Providers, read_providers
from tests.api.door import Door, eventually, opened
from tests.api.scripted import progress_of, tell
from tests.integration.pier import Pier, bibliography
from workflows.contracts import Fallback, Reason

ID = "embedding.fake"


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as provider:
        yield provider


@pytest_asyncio.fixture
async def served(
    database_url: str, pool: Pool, scripted_address: str, fake: FakeProvider, tmp_path: Path
) -> AsyncIterator[Door]:
    """An API of its own, whose settings name the fake provider."""
    (tmp_path / "providers.toml").write_text(
        f'[embedding.fake]\nkind = "openai"\nbase_url = "{fake.url}/v1"\nmodel = "m"\ndimensions = 256\n'
        "limits = { rps = 50 }\n"
    )
    async with opened(database_url, scripted_address, tmp_path, pool) as door:
        yield door


@pytest.fixture
def scripted_address(crew: Client) -> str:
    return crew.service_client.config.target_host


async def close_gate(door: Door) -> None:
    provider = read_providers(door.settings.providers_file).embedding["fake"]
    async with door.pool.connection() as connection:
        await gates.close(
            connection, provider, await gates.now(connection), ProviderRefusal("rate_limited", "fake", retry_after=300)
        )


async def test_they_are_listed_with_limits_use_and_what_they_wait_for(served: Door) -> None:
    [listed] = (await served.get("/v1/providers"))["providers"]
    assert (listed["id"], listed["rps"], listed["gate"], listed["workers"]) == (ID, 50, None, 0)
    await close_gate(served)
    [listed] = (await served.get("/v1/providers"))["providers"]
    assert (listed["gate"]["state"], listed["gate"]["code"]) == ("closed", "provider_rate_limit")
    assert (await served.get("/v1/system/status"))["provider_gates"] == [listed["gate"]]


async def test_their_rate_is_changed_while_they_run_and_taken_back(served: Door) -> None:
    limited = await served.http.put(f"/v1/providers/{ID}/limit", json={"rps": 2.5})
    assert (limited.status_code, limited.json()["rps"]) == (200, 2.5)
    again = await served.http.put(f"/v1/providers/{ID}/limit", json={"rps": None})
    assert again.json()["rps"] == 50
    unknown = await served.http.put("/v1/providers/embedding.none/limit", json={"rps": 1})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "provider_not_found")


async def test_one_that_is_reset_is_asked_again_by_the_imports_that_do_without_it(
    served: Door, crew: Client, name: str
) -> None:
    begun = await served.begin(name)
    away = Fallback(
        provider="embedding.spare", instead_of=ID, active=True, code="operator_action", message="It is away."
    )
    shown = progress_of(begun["id"], "running").model_copy(update={"fallbacks": (away,)})
    await tell(crew, begun, "show", shown)

    async def listed_with_fallback() -> dict[str, object] | None:
        listed = (await served.get("/v1/imports", project=served.project))["imports"]
        return {"ok": True} if any(one["fallbacks"] for one in listed) else None

    await eventually(listed_with_fallback)
    assert (await served.http.post(f"/v1/providers/{ID}:reset")).status_code == 200
    await tell(crew, begun, "finish")
    handle = crew.get_workflow_handle(workflow_id(served.project, begun["source"]["key"]))
    assert await handle.result() == [f"resume {begun['id']}"]


async def test_one_that_is_reset_is_asked_again_by_the_imports_that_wait_for_it(
    served: Door, crew: Client, name: str
) -> None:
    begun = await served.begin(name)
    reason = Reason(code="operator_action", message="It does not accept the key.", provider=ID)
    await tell(crew, begun, "show", progress_of(begun["id"], "waiting", reason=reason))
    view = await served.until(begun, lambda view: view["state"] == "waiting")
    assert view["reason"]["provider"] == ID
    await close_gate(served)

    async def listed_as_waiting() -> dict[str, object] | None:
        shown = (await served.get("/v1/imports", project=served.project))["imports"]
        return {"ok": True} if any(one["reason"] for one in shown) else None

    await eventually(listed_as_waiting)
    answer = await served.http.post(f"/v1/providers/{ID}:reset")
    assert (answer.status_code, answer.json()["gate"]) == (200, None)
    await served.until(begun, lambda view: view["state"] == "running")


@pytest.mark.parametrize(
    ("code", "status"), [("operator_action", 202), ("cost_cap", 202), ("provider_rate_limit", 409)]
)
async def test_what_waits_for_a_person_is_resumed_by_one(
    served: Door, crew: Client, name: str, code: str, status: int
) -> None:
    begun = await served.begin(name)
    await tell(crew, begun, "show", progress_of(begun["id"], "waiting", reason=Reason(code=code, message="It waits.")))
    await served.until(begun, lambda view: view["state"] == "waiting")
    assert (await served.http.post(begun["links"]["self"] + ":resume")).status_code == status


async def test_an_embedder_that_nobody_set_up_is_refused_at_once(served: Door, name: str) -> None:
    refused = await served.submit("cargo", name, options={"embedder": "nobody"})
    assert (refused.status_code, refused.json()["code"]) == (422, "embedder_unknown")
    refused = await served.submit("cargo", name, options={"extractor": "nobody"})
    assert (refused.status_code, refused.json()["code"]) == (422, "extractor_unknown")
    assert (await served.submit("cargo", name, options={"embedder": "fake", "max_cost": 5})).status_code == 202


async def test_search_asks_the_fallback_of_a_provider_that_is_away(served: Door, fake: FakeProvider) -> None:
    fake.follow(Script(rules=(Rule(path="/own/", do="refuse", status=401),)))
    table = {"kind": "openai", "model": "m", "dimensions": 256}
    own, spare = ({**table, "base_url": f"{fake.url}/{name}/v1"} for name in ("own", "spare"))
    providers = Providers.model_validate({"embedding": {"own": {**own, "fallback": "spare"}, "spare": spare}})
    embedder = QueryEmbedder(providers, served.pool.connection)
    try:
        query = await embedder.embed("crane", Index("own", "m@256"))
        assert (query.warning, query.vector.shape) == (None, (256,))
        fake.follow(Script(rules=(Rule(do="refuse", status=503),)))
        query = await embedder.embed("harbour", Index("own", "m@256"))
        assert query.warning
        assert "own is not available" in query.warning
    finally:
        await embedder.close()


async def test_search_asks_the_provider_that_embedded_the_project_and_does_without_it_when_it_is_away(
    served: Door, client: Client, fake: FakeProvider, database_url: str, tmp_path: Path
) -> None:
    providers = read_providers(served.settings.providers_file)
    pier = Pier(client, served.pool, database_url, tmp_path)
    library = bibliography(tmp_path / "library.bib", 6)
    async with pier.workers(providers):
        assert (await pier.run(library, embedder="fake")).state == "succeeded"
    async with served.pool.connection() as connection:
        assert (await graph_hash(connection, pier.project))["vectors"]
    path = f"/v1/projects/{pier.project}/search"
    for _ in range(2):
        found = await served.get(path, q="Number 3 tells of the harbour")
        assert found["warning"] is None
        assert found["results"][0]["why"]["vector_rank"] is not None
    queries = [call for call in fake.calls if call.items == 1]
    assert len(queries) == 1, "a query that was asked before is not asked again"

    fake.follow(Script(rules=(Rule(do="refuse", status=429, headers={"Retry-After": "60"}),)))
    for _ in range(2):
        found = await served.get(path, q="crane")
        assert "by their words only" in found["warning"]
        assert found["results"]
    assert len([call for call in fake.calls if call.status == 429]) == 1, "who was told to wait does not ask again"
