"""A folder of files: imported, imported again, changed, and compared with a fresh import of what it became."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from longshore.graph.db import open_pool
from tests.integration.voyage import PROJECT, Voyage
from workflows.contracts import WORKFLOW_QUEUE, ClosingRecord, DeleteProject
from workflows.deletion import DeleteProjectWorkflow

FILES = {
    "readme.md": "# Harbour handbook\n\nThe harbour keeps container cranes and tidal engines in working order.\n"
    "See [cranes](notes/cranes.md), [the timetable](web/page.html) and [mooring](notes/new.md).\n",
    "engine/pump.py": "from engine.valve import shut\n\n\nclass Pump:\n    def stop(self) -> None:\n        shut()\n",
    "engine/valve.py": "def shut() -> None:\n    print('the valve of the tidal engine is shut')\n",
    "notes/cranes.md": "# Container cranes\n\nContainer cranes lift cargo from ships that wait at the harbour.\n",
    "notes/tides.txt": "Tidal engines measure the water level and tell the container cranes when ships may leave.\n",
    "web/page.html": "<html><body><h1>Timetable</h1><p>Ships leave the harbour with the tide.</p></body></html>",
    "broken.docx": "PK\x03\x04",
    "picture.png": "\x89PNG\r\n\x1a\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        put(tmp_path / "shelf" / path, text)
    put(tmp_path / "shelf" / ".git/config", "hidden")
    return tmp_path / "shelf"


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("latin-1"))


async def test_only_what_changed_is_touched_and_the_graph_is_that_of_a_fresh_import(
    voyage: Voyage, folder: Path, tmp_path: Path
) -> None:
    voyage.start_worker()
    first = await imported(voyage, folder)
    assert (first.state, first.items.added, first.items.skipped) == ("partially_succeeded", 6, 1)
    assert (first.items.failed, first.attachments_failed) == (1, 0), "a file that is its item is counted once"
    assert await titles(voyage) >= {"Harbour handbook", "Container cranes", "tides"}
    imported_module = ("IMPORTS", "pump", "valve")
    assert await ties(voyage) == {
        imported_module,
        ("LINKS_TO", "Harbour handbook", "Container cranes"),
        ("LINKS_TO", "Harbour handbook", "Timetable"),
    }

    again = await imported(voyage, folder)
    assert (again.items.unchanged, again.items.skipped, again.items.total) == (6, 1, 8)

    put(folder / "notes/cranes.md", "# Container cranes\n\nContainer cranes now lift two containers at once.\n")
    put(folder / "notes/new.md", "# Mooring\n\nMooring lines hold the ships at the harbour.\n")
    (folder / "web/page.html").unlink()
    changed = (await imported(voyage, folder)).items
    assert (changed.added, changed.changed, changed.removed, changed.unchanged) == (1, 1, 1, 4)
    assert await ties(voyage) == {
        imported_module,
        ("LINKS_TO", "Harbour handbook", "Container cranes"),
        ("LINKS_TO", "Harbour handbook", "Mooring"),
    }

    incremental = await voyage.digests()
    await voyage.client.execute_workflow(
        DeleteProjectWorkflow.run, DeleteProject(project=PROJECT), id=f"delete/{PROJECT}", task_queue=WORKFLOW_QUEUE
    )
    archive = tmp_path / "shelf.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                zipped.write(path, path.relative_to(folder))
    fresh = await imported(voyage, archive)
    assert fresh.items.added == 6
    assert await voyage.digests() == incremental


async def imported(voyage: Voyage, path: Path) -> ClosingRecord:
    return await voyage.finish(await voyage.submit(path, "shelf"))


async def titles(voyage: Voyage) -> set[str]:
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        cursor = await connection.execute("select title from documents where project = %s", (PROJECT,))
        found = {row["title"] for row in await cursor.fetchall()}
    await pool.close()
    return found


async def ties(voyage: Voyage) -> set[tuple[str, str, str]]:
    """Which files name which, by their titles."""
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select e.kind, s.title as source, t.title as target from edges e "
            "join documents s on s.document_id = e.source_id join documents t on t.document_id = e.target_id "
            "where e.project = %s and e.kind in ('LINKS_TO', 'IMPORTS')",
            (PROJECT,),
        )
        found = {(row["kind"], row["source"], row["target"]) for row in await cursor.fetchall()}
    await pool.close()
    return found
