"""A project taken away: as GraphML, as CSL-JSON and as JSON Lines."""

from __future__ import annotations

import asyncio
import itertools
import json
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from lxml import etree
from structlog.testing import capture_logs

from api.__main__ import Server
from longshore.cli import app
from longshore.graph.assertions import Edge
from longshore.graph.exporting.formats import FORMATS, Format, Section, begin_snapshot, export
from longshore.graph.exporting.queries import DOCUMENTS
from longshore.graph.keys import document_id, node_id
from longshore.sources.model import Creator, Tag
from tests.api.cargo import attachment, bring_in, entry
from tests.api.door import Door
from tests.api.scripted import Json

TEXT = "Container cranes lift cargo from the ship to the quay. " * 60
NASTY = 'Cranes & <b>"tides"</b> ]]> \x01\x0b\uffff of the harbour \U0001d49c'
LIBRARY = [
    entry(
        "A",
        NASTY,
        year=2001,
        date="2001/08/02",
        doi="10.1000/cranes",
        venue="Journal of Ports",
        volume="7",
        issue="2",
        pages="10-20",
        tags=(Tag(name='<tag> & "quotes"'),),
        creators=(
            Creator(role="author", family="Example", given="Author"),
            Creator(role="author", family="The Harbour Board"),
            Creator(role="editor", family="Red", given="Editor"),
            Creator(role="counsel", family="Dropped", given="Name"),
        ),
        attachments=(attachment(TEXT, "files/1/cranes.txt"),),
    ),
    entry("B", "항만의 크레인", year=2020, creators=(Creator(role="author", family="홍", given="길동"),)),
    entry("C", "On ports", item_type="conferencePaper", doi="10.1000/ports", tags=(Tag(name="항만"),)),
]


@pytest_asyncio.fixture
async def library(door: Door) -> Door:
    await bring_in(door.pool, door.project, LIBRARY, files=[TEXT])
    return door


async def exported(door: Door, name: str) -> httpx2.Response:
    answer = await door.http.get(f"/v1/projects/{door.project}/graph/export", params={"format": name})
    assert answer.status_code == 200, answer.text
    return answer


async def lines_of(door: Door) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {"document": [], "passage": [], "node": [], "edge": []}
    for line in (await exported(door, "jsonl")).text.removesuffix("\n").split("\n"):
        row = json.loads(line)
        found[row.pop("type")].append(row)
    return found


@pytest.mark.parametrize(
    ("name", "media_type", "file"),
    [
        ("graphml", "application/graphml+xml", "graphml"),
        ("csl-json", "application/vnd.citationstyles.csl+json", "csl.json"),
        ("jsonl", "application/x-ndjson", "jsonl"),
    ],
)
async def test_it_comes_as_a_file_of_its_type(library: Door, name: str, media_type: str, file: str) -> None:
    headers = (await exported(library, name)).headers

    assert headers["content-type"].split(";")[0] == media_type
    assert headers["content-disposition"] == f'attachment; filename="{library.project}.{file}"'


async def test_graphml_holds_the_graph_that_is_drawn(library: Door) -> None:
    drawn = await library.get(f"/v1/projects/{library.project}/graph")

    (graph,) = etree.fromstring((await exported(library, "graphml")).content).iterfind("{*}graph")

    assert graph.get("edgedefault") == "directed"
    nodes = {node.get("id"): values_of(node) for node in graph.iterfind("{*}node")}
    edges = {edge.get("id"): edge for edge in graph.iterfind("{*}edge")}
    assert {node["id"] for node in drawn["nodes"]} == nodes.keys()
    assert {(edge["id"], edge["source"], edge["target"]) for edge in drawn["edges"]} == {
        (edge.get("id"), edge.get("source"), edge.get("target")) for edge in edges.values()
    }
    for node in drawn["nodes"]:
        assert nodes[node["id"]]["kind"] == node["kind"]
        assert nodes[node["id"]].get("year") == (str(node["year"]) if node["year"] else None)
    for edge in drawn["edges"]:
        values = values_of(edges[edge["id"]])
        assert values["kind"] == edge["kind"]
        assert values.get("weight") == (str(edge["weight"]) if edge["weight"] is not None else None)
    assert {"항만의 크레인", "홍, 길동", '<tag> & "quotes"'} <= {values["label"] for values in nodes.values()}


async def test_graphml_is_valid_whatever_titles_hold(library: Door) -> None:
    root = etree.fromstring((await exported(library, "graphml")).content)

    labels = [data.text for data in root.iterfind(".//{*}data[@key='node-label']")]

    assert 'Cranes & <b>"tides"</b> ]]> ��� of the harbour \U0001d49c' in labels


async def test_every_attribute_of_graphml_is_declared(library: Door) -> None:
    root = etree.fromstring((await exported(library, "graphml")).content)

    declared = {(key.get("id"), key.get("for")) for key in root.iterfind("{*}key")}

    used = {(data.get("key"), etree.QName(data.getparent()).localname) for data in root.iterfind(".//{*}data")}
    assert used <= declared


async def test_an_edge_whose_end_is_gone_is_left_out(library: Door) -> None:
    gone = Edge("TAGGED", document_id("gone"), node_id("Tag", "항만"))
    async with library.pool.connection() as connection:
        await connection.execute(
            "insert into edges (project, edge_id, kind, source_id, target_id) values (%s, %s, %s, %s, %s)",
            (library.project, gone.id, gone.kind, gone.source, gone.target),
        )

    assert str(gone.id) not in (await exported(library, "graphml")).text
    assert str(gone.id) not in (await exported(library, "jsonl")).text


async def test_csl_json_cites_the_documents(library: Door) -> None:
    items = {item["title"]: item for item in (await exported(library, "csl-json")).json()}

    assert len(items) == 3
    cranes = items[NASTY]
    assert cranes.pop("id")
    assert cranes.pop("abstract").startswith("Cranes")
    assert cranes == {
        "type": "article-journal",
        "title": NASTY,
        "author": [{"family": "Example", "given": "Author"}, {"literal": "The Harbour Board"}],
        "editor": [{"family": "Red", "given": "Editor"}],
        "issued": {"date-parts": [[2001, 8, 2]]},
        "container-title": "Journal of Ports",
        "volume": "7",
        "issue": "2",
        "page": "10-20",
        "DOI": "10.1000/cranes",
    }
    assert items["항만의 크레인"]["author"] == [{"family": "홍", "given": "길동"}]
    assert items["On ports"]["type"] == "paper-conference"


async def test_json_lines_hold_everything(library: Door) -> None:
    lines = await lines_of(library)
    drawn = await library.get(f"/v1/projects/{library.project}/graph")

    cranes = next(document for document in lines["document"] if document["title"] == NASTY)
    whole = await library.get(f"/v1/projects/{library.project}/documents/{cranes['id']}")
    assert cranes["sources"] == whole["sources"]
    assert {part["id"] for part in cranes["parts"]} == {part["id"] for part in whole["parts"]}
    file = next(part for part in whole["parts"] if part["kind"] == "attachment")
    passages = [passage for passage in lines["passage"] if passage.pop("part") == file["id"]]
    assert passages == file["passages"]
    assert {row["id"] for row in lines["node"] + lines["document"]} == {node["id"] for node in drawn["nodes"]}
    assert {row["id"] for row in lines["edge"]} == {edge["id"] for edge in drawn["edges"]}


async def test_json_lines_say_which_documents_assert_what(library: Door) -> None:
    lines = await lines_of(library)
    ids = {document["title"]: document["id"] for document in lines["document"]}

    authors = {node["name"]: node["documents"] for node in lines["node"] if node["kind"] == "Author"}

    assert authors["홍, 길동"] == [ids["항만의 크레인"]]
    assert authors["Example, Author"] == sorted([ids[NASTY], ids["On ports"]])
    assert all(edge["documents"] for edge in lines["edge"])


@pytest.mark.parametrize("name", ["graphml", "csl-json", "jsonl"])
async def test_equal_graphs_give_equal_exports(library: Door, name: str) -> None:
    assert (await exported(library, name)).content == (await exported(library, name)).content


async def test_an_empty_project_is_exported_as_such(door: Door) -> None:
    async with door.pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (door.project,))

    assert (await exported(door, "csl-json")).json() == []
    assert (await exported(door, "jsonl")).text == ""
    assert not etree.fromstring((await exported(door, "graphml")).content).findall(".//{*}node")


async def test_what_is_not_there_and_what_makes_no_sense(library: Door) -> None:
    problem = await library.get("/v1/projects/nowhere/graph/export", 404, format="graphml")

    assert problem["code"] == "project_not_found"
    path = f"/v1/projects/{library.project}/graph/export"
    assert (await library.get(path, 422, format="gexf"))["code"] == "invalid_request"
    assert (await library.get(path, 422))["code"] == "invalid_request"


async def fill(door: Door, documents: int) -> None:
    """Many documents with long abstracts, an export of some megabytes."""
    async with door.pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (door.project,))
        await connection.execute(
            "insert into documents (project, document_id, identity, kind, title, metadata) "
            "select %s, gen_random_uuid(), n, 'book', 'Document ' || n, "
            "jsonb_build_object('abstract', repeat('cargo ', 400)) from generate_series(1, %s) as n",
            (door.project, documents),
        )


async def test_memory_does_not_grow_with_the_project(door: Door) -> None:
    await fill(door, 8000)
    size = 0
    async with door.pool.connection() as connection:
        await begin_snapshot(connection)
        tracemalloc.start()
        async for piece in export(connection, door.project, "csl-json"):
            size += len(piece)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert size > 19e6
    assert peak < 8e6


async def test_a_reader_who_leaves_gives_its_place_back(door: Door, server: Server) -> None:
    await fill(door, 8000)
    url = f"http://127.0.0.1:{port_of(server)}/v1/projects/{door.project}/graph/export?format=csl-json"
    async with httpx2.AsyncClient(timeout=30) as http:
        for _ in range(3):
            async with http.stream("GET", url) as answer:
                await anext(aiter(answer.aiter_bytes()))
        async with asyncio.timeout(20):
            answer = await http.get(url)

    assert len(answer.json()) == 8000


async def test_a_reader_who_takes_nothing_gives_its_place_back(
    door: Door, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.graph.exports._STALL_S", 0.3)
    await fill(door, 8000)
    path = f"/v1/projects/{door.project}/graph/export?format=csl-json"
    readers = [await asyncio.open_connection("127.0.0.1", port_of(server), limit=1024) for _ in range(2)]
    for _, writer in readers:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port_of(server)}\r\n\r\n".encode())
    async with asyncio.timeout(20), httpx2.AsyncClient(timeout=30) as http:
        for reader, _ in readers:
            assert b" 200 " in await reader.readline()
        while (await http.get(f"http://127.0.0.1:{port_of(server)}{path}")).status_code != 200:
            await asyncio.sleep(0.1)
    for _, writer in readers:
        writer.transport.abort()


async def test_more_exports_than_may_be_are_asked_to_come_again(
    library: Door, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.graph.exports._PATIENCE_S", 0.1)
    url = f"http://127.0.0.1:{port_of(server)}/v1/projects/{library.project}/graph/export?format=csl-json"
    services = server.config.loaded_app.state.services
    async with services.exports, services.exports, httpx2.AsyncClient() as http:
        answer = await http.get(url)

    assert (answer.status_code, answer.json()["code"]) == (503, "too_many_exports")
    assert answer.headers["retry-after"]


@pytest.fixture
def command(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Awaitable[int]]:
    """The command line against this API."""
    monkeypatch.setenv("LONGSHORE_API_URL", f"http://127.0.0.1:{port_of(server)}")

    async def run(*arguments: str) -> int:
        return await asyncio.to_thread(app.run, list(arguments))

    return run


async def test_the_command_writes_a_file(
    library: Door, command: Callable[..., Awaitable[int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "graph.graphml"

    code = await command("export", library.project, "--format", "graphml", "--output", str(file), "--json")

    assert code == 0
    assert file.read_bytes() == (await exported(library, "graphml")).content
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["bytes"] == file.stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["graph.graphml"]


async def test_the_command_writes_to_stdout(
    library: Door, command: Callable[..., Awaitable[int]], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    whole = (await exported(library, "csl-json")).content
    capfdbinary.readouterr()

    code = await command("export", library.project, "-f", "csl-json")

    assert code == 0
    assert whole in capfdbinary.readouterr().out


async def test_the_command_says_what_is_wrong(
    library: Door, command: Callable[..., Awaitable[int]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "graph.jsonl"

    assert await command("export", "nowhere", "-f", "jsonl", "-o", str(file)) == 2
    assert "no project nowhere" in capsys.readouterr().err
    assert await command("export", library.project, "-f", "gexf") == 2
    assert await command("export", library.project) == 2
    assert await command("export", library.project, "-f", "jsonl", "-o", str(tmp_path / "no" / "file")) == 2
    assert list(tmp_path.iterdir()) == []


async def test_an_export_that_breaks_off_replaces_no_file(
    door: Door,
    command: Callable[..., Awaitable[int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await fill(door, 400)
    left = itertools.count(1)

    def write(row: Mapping[str, Any]) -> str:
        assert next(left) < 300, "the database is gone"
        return json.dumps(row, default=str)

    broken = Format("application/x-ndjson", "jsonl", (Section("documents", DOCUMENTS, write),))
    monkeypatch.setitem(FORMATS, "jsonl", broken)
    file = tmp_path / "graph.jsonl"
    file.write_text("the last one")

    with capture_logs() as logs:  # printing the traceback with all its variables would take half a minute
        code = await command("export", door.project, "-f", "jsonl", "-o", str(file))

    assert code == 5
    assert "request_failed" in [entry["event"] for entry in logs]
    assert "broke off" in capsys.readouterr().err
    assert file.read_text() == "the last one"
    assert [path.name for path in tmp_path.iterdir()] == ["graph.jsonl"]


def values_of(element: etree._Element) -> dict[str, str]:
    return {str(data.get("key")).partition("-")[2]: data.text or "" for data in element.iterfind("{*}data")}


def port_of(server: Server) -> int:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port
