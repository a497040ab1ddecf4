"""Where a fact is stated, as the API tells it."""

from __future__ import annotations

from pathlib import Path

from temporalio.client import Client

from longshore.dev.fake_provider import FakeProvider
from tests.api.door import Door
from tests.integration.pier import Pier, bibliography, models_of


async def test_a_fact_is_shown_with_the_words_that_state_it(
    door: Door, client: Client, quay_url: str, tmp_path: Path
) -> None:
    pier = Pier(client, door.pool, quay_url, tmp_path, door.project)
    library = bibliography(tmp_path / "library.bib", 4)
    async with FakeProvider() as fake, pier.workers(models_of(fake)):
        assert (await pier.run(library, extractor="fake")).state == "succeeded"

    project = f"/v1/projects/{door.project}"
    graph = await door.get(f"{project}/graph", kinds=["Document", "Method", "Finding", "Problem", "Metric", "Dataset"])
    stated = next(edge for edge in graph["edges"] if edge["kind"] == "STATES")
    named = {node["id"]: node["name"] for node in graph["nodes"]}
    node = await door.get(f"{project}/evidence/{stated['target']}")
    relation = next(edge for edge in graph["edges"] if edge["kind"] == "PART_OF")
    edge = await door.get(f"{project}/evidence/{relation['id']}", limit=1)
    document = await door.get(f"{project}/documents/{stated['source']}")

    first = next(found for found in node["evidence"] if found["document_id"] == stated["source"])
    assert named[stated["target"]].casefold() in first["words"].casefold()
    assert (first["title"], first["model"]) == (document["title"], "reader")
    [part] = [part for part in document["parts"] if part["id"] == first["part_id"]]
    assert any(first["words"] in passage["text"] for passage in part["passages"])
    assert len(edge["evidence"]) == 1
    assert await door.get(f"{project}/evidence/{stated['source']}") == {"evidence": [], "truncated": False}
