"""The graph as it is drawn: the best-connected nodes, and what lies around one."""

from __future__ import annotations

from uuid import UUID

import pytest_asyncio

from longshore.graph.assertions import Edge, Node
from longshore.graph.keys import document_id
from tests.api.door import Door
from tests.api.scripted import Json

AUTHOR, KOREAN = Node("Author", "Example, Author", "Example, Author"), Node("Author", "홍, 길동", "홍, 길동")
GRAPHS, CRANES = Node("Concept", "graph", "graphs"), Node("Concept", "크레인", "크레인")
LONELY = Node("Tag", "unused", "unused")


class Chart:
    """Documents, nodes and edges of a project, put into the store."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.project = door.project
        self.first, self.second, self.third = (document_id(f"{door.project} {n}") for n in range(3))

    async def draw(self) -> None:
        edges = [
            (Edge("AUTHORED", AUTHOR.id, self.first), None),
            (Edge("AUTHORED", AUTHOR.id, self.second), None),
            (Edge("AUTHORED", KOREAN.id, self.third), None),
            (Edge("MENTIONS", self.first, GRAPHS.id), 9.0),
            (Edge("MENTIONS", self.second, GRAPHS.id), 2.0),
            (Edge("MENTIONS", self.third, CRANES.id), 4.0),
            (Edge("CO_OCCURS_WITH", CRANES.id, GRAPHS.id), 1.0),
            (Edge("SIMILAR_TO", self.first, self.second), 0.75),
            (Edge("SIMILAR_TO", self.second, self.first), 0.75),
        ]
        async with self.door.pool.connection() as connection, connection.cursor() as writer:
            await writer.execute("insert into projects (project) values (%s)", (self.project,))
            await writer.executemany(
                "insert into documents (project, document_id, identity, kind, title, year, metadata) "
                "values (%s, %s, %s, 'book', %s, %s, '{}')",
                [
                    (self.project, self.first, "1", "Graphs", 2001),
                    (self.project, self.second, "2", "More graphs", None),
                    (self.project, self.third, "3", "항만의 크레인", 2003),
                ],
            )
            await writer.executemany(
                "insert into nodes (project, node_id, kind, key, name) values (%s, %s, %s, %s, %s)",
                [(self.project, n.id, n.kind, n.key, n.name) for n in (AUTHOR, KOREAN, GRAPHS, CRANES, LONELY)],
            )
            await writer.executemany(
                "insert into edges (project, edge_id, kind, source_id, target_id, weight) "
                "values (%s, %s, %s, %s, %s, %s)",
                [(self.project, e.id, e.kind, e.source, e.target, weight) for e, weight in edges],
            )

    async def get(self, path: str = "graph", status: int = 200, **params: object) -> Json:
        return await self.door.get(f"/v1/projects/{self.project}/{path}", status, **params)


@pytest_asyncio.fixture
async def chart(door: Door) -> Chart:
    drawn = Chart(door)
    await drawn.draw()
    return drawn


def names(graph: Json) -> list[str]:
    return [node["name"] for node in graph["nodes"]]


def ids(graph: Json) -> set[UUID]:
    return {UUID(node["id"]) for node in graph["nodes"]}


async def test_everything_is_drawn_where_there_is_room(chart: Chart) -> None:
    graph = await chart.get()

    assert graph["truncated"] is False
    assert len(graph["nodes"]) == 8
    assert len(graph["edges"]) == 9
    assert [node["degree"] for node in graph["nodes"]] == [4, 4, 3, 2, 2, 2, 1, 0]
    first = next(node for node in graph["nodes"] if node["id"] == str(chart.first))
    assert first == {"id": str(chart.first), "kind": "Document", "name": "Graphs", "degree": 4, "year": 2001}
    heavy = next(edge for edge in graph["edges"] if edge["weight"] == 9)
    assert (heavy["kind"], heavy["source"], heavy["target"]) == ("MENTIONS", str(chart.first), str(GRAPHS.id))


async def test_the_best_connected_come_first_and_the_rest_is_said_to_be_missing(chart: Chart) -> None:
    graph = await chart.get(limit=3)

    assert ids(graph) == {chart.first, chart.second, GRAPHS.id}
    assert graph["truncated"] is True
    assert sorted(edge["kind"] for edge in graph["edges"]) == ["MENTIONS", "MENTIONS", "SIMILAR_TO", "SIMILAR_TO"]


async def test_the_same_graph_is_drawn_alike(chart: Chart) -> None:
    assert await chart.get(limit=5) == await chart.get(limit=5)


async def test_kinds_leave_out_the_others(chart: Chart) -> None:
    graph = await chart.get(kinds=["Concept", "Author"])

    assert set(names(graph)) == {"Example, Author", "홍, 길동", "graphs", "크레인"}
    assert [edge["kind"] for edge in graph["edges"]] == ["CO_OCCURS_WITH"]
    assert graph["truncated"] is False


async def test_around_a_document_nearest_first(chart: Chart) -> None:
    near = await chart.get(focus=str(chart.third))
    far = await chart.get(focus=str(chart.third), depth=2)

    assert names(near) == ["항만의 크레인", "크레인", "홍, 길동"]
    assert names(far) == ["항만의 크레인", "크레인", "홍, 길동", "graphs"]
    assert near["truncated"] is False
    assert {edge["kind"] for edge in near["edges"]} == {"MENTIONS", "AUTHORED"}


async def test_around_a_node_through_the_kinds_asked_for(chart: Chart) -> None:
    graph = await chart.get(focus=str(GRAPHS.id), depth=3, kinds=["Concept"])

    assert names(graph) == ["graphs", "크레인"]


async def test_the_surroundings_keep_the_limit(chart: Chart) -> None:
    graph = await chart.get(focus=str(GRAPHS.id), depth=3, limit=3)

    assert ids(graph) == {GRAPHS.id, chart.first, chart.second}
    assert graph["truncated"] is True


async def test_neighbours_with_the_edges_that_tie_them(chart: Chart) -> None:
    graph = await chart.get(f"nodes/{chart.first}/neighbours")

    assert names(graph) == ["Graphs", "Example, Author", "graphs", "More graphs"]
    assert [edge["kind"] for edge in graph["edges"]] == ["AUTHORED", "MENTIONS", "SIMILAR_TO", "SIMILAR_TO"]


async def test_neighbours_of_a_kind_up_to_a_limit(chart: Chart) -> None:
    graph = await chart.get(f"nodes/{GRAPHS.id}/neighbours", kinds=["Document"], limit=1)

    assert names(graph) == ["graphs", "Graphs"]
    assert [edge["weight"] for edge in graph["edges"]] == [9]
    assert graph["truncated"] is True


async def test_a_node_without_edges_has_no_neighbours(chart: Chart) -> None:
    graph = await chart.get(f"nodes/{LONELY.id}/neighbours")

    assert (names(graph), graph["edges"], graph["truncated"]) == (["unused"], [], False)


async def test_what_is_not_there_is_not_found(chart: Chart) -> None:
    stranger = str(document_id("elsewhere"))

    assert (await chart.get(f"nodes/{stranger}/neighbours", 404))["code"] == "node_not_found"
    assert (await chart.get(status=404, focus=stranger))["code"] == "node_not_found"
    assert (await chart.door.get("/v1/projects/nowhere/graph", 404))["code"] == "project_not_found"


async def test_nodes_of_another_project_stay_unseen(chart: Chart) -> None:
    async with chart.door.pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (f"{chart.project}-b",))

    other = f"/v1/projects/{chart.project}-b"

    assert await chart.door.get(f"{other}/graph") == {"nodes": [], "edges": [], "truncated": False}
    await chart.door.get(f"{other}/nodes/{GRAPHS.id}/neighbours", 404)


async def test_what_makes_no_sense_is_refused(chart: Chart) -> None:
    for params in ({"limit": 0}, {"limit": 9999}, {"depth": 0}, {"kinds": "author"}, {"focus": "graphs"}):
        assert (await chart.get(status=422, **params))["code"] == "invalid_request"
    assert (await chart.get("nodes/graphs/neighbours", 422))["code"] == "invalid_request"
