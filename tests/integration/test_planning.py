"""Plans on real engines: what they say comes true, and they leave nothing behind."""

from __future__ import annotations

import itertools
from pathlib import Path

from longshore.graph.db import open_pool
from tests.integration.voyage import PROJECT, Voyage
from workflows.contracts import WORKFLOW_QUEUE, Preview
from workflows.previewing import PreviewWorkflow

_numbers = itertools.count()


async def planned(voyage: Voyage, path: Path) -> Preview:
    return await voyage.client.execute_workflow(
        PreviewWorkflow.run,
        await voyage.hand_over(path, "shelf"),
        id=f"plan/{PROJECT}/{next(_numbers)}",
        task_queue=WORKFLOW_QUEUE,
    )


def write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


async def test_what_a_plan_says_is_what_the_import_does(voyage: Voyage, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    note = b"Container cranes lift cargo from ships that wait at the harbour.\n"
    write(shelf, {"cranes.md": note * 40, "same.md": note * 40, "tides.txt": b"Tides.\n", "roof.png": b"\x89PNG\r\n"})
    voyage.start_worker()

    plan = await planned(voyage, shelf)
    assert await rows(voyage) == 0, "a plan is nobody's business but the asker's"
    assert (plan.items.total, plan.files, plan.bytes) == (4, 2, len(note) * 40 + 7), "equal contents are read once"
    assert [(sample.code, sample.examples) for sample in plan.left_out] == [("unsupported", ("roof.png",))]

    done = await voyage.finish(await voyage.submit(shelf, "shelf"))
    assert (done.items.added, done.items.skipped) == (plan.items.added - 1, 1)
    assert 0.5 < plan.chunks / done.graph.chunks < 2

    again = await planned(voyage, shelf)
    assert (again.items.unchanged, again.files, again.chunks) == (3, 0, 0)
    (shelf / "tides.txt").unlink()
    write(shelf, {"cranes.md": note})
    changed = await planned(voyage, shelf)
    assert (changed.items.changed, changed.items.removed, changed.removed) == (1, 1, ("tides",))


async def rows(voyage: Voyage) -> int:
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select (select count(*) from imports) + (select count(*) from projects) as n"
        )
        row = await cursor.fetchone()
    await pool.close()
    assert row is not None
    return int(row["n"])
