"""Comparisons on real engines: measured, killed on the way, promoted, dropped."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from psycopg.rows import dict_row
from temporalio.client import WorkflowFailureError, WorkflowHandle

from longshore.graph import comparisons
from longshore.graph.db import open_pool
from longshore.graph.hashing import graph_hash
from longshore.ids import comparison_workflow_id, space_of
from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer
from tests.faults.passage import Passage
from tests.faults.seams import Order
from tests.integration.conftest import Engines
from tests.integration.library import write_library
from tests.integration.voyage import PROJECT, Voyage
from workflows.contracts import WORKFLOW_QUEUE, DeleteProject
from workflows.contracts.comparisons import Board, Comparison, ComparisonInput, Promote, Questions, Variant
from workflows.deletion import DeleteProjectWorkflow
from workflows.variants import PromoteWorkflow, VariantsWorkflow

ITEMS = 12
STEPS_ON_THE_WAY = (
    "open_comparison",
    "open_space",
    "write_batch",
    "draw_questions",
    "measure_retrieval",
    "measure_structure",
    "measure_cost",
    "close_comparison",
)
"""Of a comparison; the steps of its imports are killed one by one elsewhere (tests/faults)."""
SETTINGS: dict[str, dict[str, int]] = {"usual": {}, "short": {"passage": 400}, "few": {"concepts": 4}}
_numbers = itertools.count()

Handle = WorkflowHandle[VariantsWorkflow, Board]
MakeVoyage = Callable[[], Awaitable[Voyage]]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_library(tmp_path_factory.mktemp("shelf") / "export", ITEMS)


async def compare(voyage: Voyage, shelf: Path) -> tuple[Comparison, Handle]:
    submission = await voyage.hand_over(shelf, "shelf")
    comparison_id = f"c{next(_numbers)}"
    comparison = Comparison(
        project=PROJECT,
        comparison_id=comparison_id,
        submission=submission,
        variants=tuple(
            Variant(name=name, space=space_of(PROJECT, comparison_id, number), pipeline=pipeline)
            for number, (name, pipeline) in enumerate(SETTINGS.items())
        ),
        questions=Questions(each=8),
    )
    handle: Handle = await voyage.client.start_workflow(
        VariantsWorkflow.run,
        ComparisonInput(comparison=comparison),
        id=f"{voyage.folder.name}/{comparison_workflow_id(PROJECT, comparison_id)}",
        task_queue=WORKFLOW_QUEUE,
    )
    return comparison, handle


def passage_of(voyage: Voyage) -> Passage:
    """The same, with a worker that can be told where to die."""
    passage = Passage(voyage.client, voyage.temporal_address, voyage.database_url, voyage.folder)
    voyage.workers = passage.workers  # which are stopped with it
    return passage


async def kill(server: PostgresServer | TemporalServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await server.ended()


async def ended_alike(
    voyage: Voyage, comparison: Comparison, handle: Handle, compared: tuple[Voyage, Comparison, Board]
) -> None:
    board = await asyncio.wait_for(handle.result(), 120)
    voyage.stop_workers()
    assert board.state == "succeeded", board
    before, comparison_before, _ = compared
    assert await measures_of(voyage, comparison) == await measures_of(before, comparison_before)


async def measures_of(voyage: Voyage, comparison: Comparison) -> dict[str, dict[str, Any]]:
    """Without what depends on the clock."""
    pool = await open_pool(voyage.database_url)
    async with pool.connection() as connection:
        found = await comparisons.read_measures(connection, PROJECT, comparison.comparison_id)
    await pool.close()
    for steps in found.values():
        steps["cost"].pop("seconds")
    return found


async def digests(voyage: Voyage, project: str) -> dict[str, str]:
    pool = await open_pool(voyage.database_url)
    async with pool.connection() as connection:
        found = await graph_hash(connection, project)
    await pool.close()
    return found


async def rows(voyage: Voyage, query: str) -> list[dict[str, Any]]:
    async with await psycopg.AsyncConnection.connect(voyage.database_url, row_factory=dict_row) as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchall()


@pytest_asyncio.fixture(scope="module")
async def compared(make_voyage: MakeVoyage, shelf: Path) -> tuple[Voyage, Comparison, Board]:
    """A comparison with nothing in its way."""
    voyage = await make_voyage()
    voyage.start_worker()
    comparison, handle = await compare(voyage, shelf)
    board = await asyncio.wait_for(handle.result(), 90)
    voyage.stop_workers()
    return voyage, comparison, board


async def test_variants_are_imported_apart_and_measured_alike(compared: tuple[Voyage, Comparison, Board]) -> None:
    voyage, comparison, board = compared
    assert board.state == "succeeded"
    found = await measures_of(voyage, comparison)
    assert found.keys() == SETTINGS.keys()
    groups = {name: found[name]["retrieval"]["groups"] for name in SETTINGS}
    asked = {name: [(g["kind"], g["language"], g["questions"]) for g in some] for name, some in groups.items()}
    assert asked["usual"] == asked["short"] == asked["few"]
    assert {("sentence", "en", 8), ("sentence-document", "en", 8), ("title", "en", 8)} <= set(asked["usual"])
    # How many concepts there may be does not change what a search finds.
    assert groups["usual"] == groups["few"] != groups["short"]
    assert found["short"]["structure"]["passages"] > found["usual"]["structure"]["passages"]
    assert found["few"]["structure"]["mentions"] <= 4 * ITEMS < found["usual"]["structure"]["mentions"]
    assert all(0 < found[name]["structure"]["evidence"] <= 1 for name in SETTINGS)


async def test_equal_passages_are_embedded_once(
    compared: tuple[Voyage, Comparison, Board],
) -> None:
    voyage, _, _ = compared
    [texts] = await rows(voyage, "select count(distinct text_hash) as texts from chunks")
    [vectors] = await rows(voyage, "select count(*) as vectors from embeddings")
    assert vectors["vectors"] == texts["texts"]


@pytest.mark.timeout(300)
@pytest.mark.thorough
async def test_comparison_survives_a_power_cut_between_a_measure_and_its_receipt(
    make_voyage: MakeVoyage, engines: Engines, shelf: Path, compared: tuple[Voyage, Comparison, Board]
) -> None:
    passage = passage_of(await make_voyage())
    worker = passage.start_worker(Order("measure_retrieval.before_return", action="freeze"))
    comparison, handle = await compare(passage, shelf)
    await passage.crossed("measure_retrieval.before_return")
    worker.kill()
    await kill(engines.postgres)
    await kill(engines.temporal)
    await engines.postgres.start()
    await engines.temporal.start()
    passage.start_worker()
    await ended_alike(passage, comparison, handle, compared)


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", ["before_commit", "before_return"])
async def test_comparison_whose_worker_is_killed_at_every_step_ends_in_the_same_measures(
    make_voyage: MakeVoyage, shelf: Path, compared: tuple[Voyage, Comparison, Board], moment: str
) -> None:
    """One worker after the other, each killed at the next step."""
    passage = passage_of(await make_voyage())
    orders = [Order(f"{step}.{moment}") for step in STEPS_ON_THE_WAY]
    worker = passage.start_worker(orders[0])
    comparison, handle = await compare(passage, shelf)
    for following in (*orders[1:], None):
        await passage.died(worker, 60)
        worker = passage.start_worker(following)
    await ended_alike(passage, comparison, handle, compared)


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize("engine", ["postgres", "temporal"])
async def test_comparison_whose_engine_is_killed_at_every_step_ends_in_the_same_measures(
    make_voyage: MakeVoyage, engines: Engines, shelf: Path, compared: tuple[Voyage, Comparison, Board], engine: str
) -> None:
    passage = passage_of(await make_voyage())
    passage.start_worker()
    comparison, handle = await compare(passage, shelf)
    server = engines.postgres if engine == "postgres" else engines.temporal
    for step in STEPS_ON_THE_WAY:
        await passage.crossed(f"{step}.before_call")
        await kill(server)
        await server.start()
    await ended_alike(passage, comparison, handle, compared)


async def test_promoted_variant_is_served_as_it_stood_and_the_rest_can_go(
    compared: tuple[Voyage, Comparison, Board], shelf: Path
) -> None:
    voyage, comparison, board = compared
    voyage.start_worker()
    short, usual = board.variants[1], board.variants[0]
    expected = await digests(voyage, short.space)
    promote = Promote(project=PROJECT, comparison_id=comparison.comparison_id, variant="short")
    for attempt in range(2):
        await voyage.client.execute_workflow(
            PromoteWorkflow.run, promote, id=f"promote-{attempt}", task_queue=WORKFLOW_QUEUE
        )
    assert await digests(voyage, PROJECT) == expected
    [project] = await rows(voyage, f"select pipeline from projects where project = '{PROJECT}'")
    assert project["pipeline"] == {"passage": 400}
    with pytest.raises(WorkflowFailureError):
        await voyage.client.execute_workflow(
            PromoteWorkflow.run,
            promote.model_copy(update={"variant": "usual"}),
            id="promote-other",
            task_queue=WORKFLOW_QUEUE,
        )
    for space in (usual.space, board.variants[2].space):
        await voyage.client.execute_workflow(
            DeleteProjectWorkflow.run, DeleteProject(project=space), id=f"drop-{space}", task_queue=WORKFLOW_QUEUE
        )
    assert await digests(voyage, PROJECT) == expected
    [left] = await rows(
        voyage,
        "select (select count(*) from projects) as projects, (select count(*) from embeddings) as vectors, "
        "(select count(distinct text_hash) from chunks) as texts, "
        "(select count(*) from chunks where project like '%~%') as beside",
    )
    assert (left["projects"], left["beside"]) == (1, 0)
    assert left["vectors"] == left["texts"]
    # What is imported from now on is cut as the variant was: here nothing has changed.
    record = await voyage.finish(await voyage.submit(shelf, "shelf"))
    assert (record.items.unchanged, record.items.added) == (ITEMS, 0)
    assert await digests(voyage, PROJECT) == expected
    voyage.stop_workers()
