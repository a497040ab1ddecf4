"""PDFs without a bibliography, beside a bibliography that has some of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from longshore.graph.db import open_pool
from tests.integration.voyage import PROJECT, Voyage
from tests.parsing import papers
from workflows.contracts import WORKFLOW_QUEUE, ClosingRecord, DeleteProject
from workflows.deletion import DeleteProjectWorkflow

CRANES = "Container Cranes That Lift Two Containers at Once"
BIBLIOGRAPHY = (
    f"@article{{cranes, title = {{{CRANES}}}, author = {{Example, Ada}}, year = 2020, doi = {{10.5555/cranes}}}}\n"
)
BODY = [(10.0, "Abstract"), *[(10.0, "Tidal engines tell the container cranes when ships may leave.")] * 8]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two prints of the paper that the bibliography has, and one that it has not."""
    folder = tmp_path / "papers"
    folder.mkdir()
    byline = [(10.0, "Ada Example1"), (10.0, "1 University of Examples")]
    published = [(18.0, CRANES), *byline, (10.0, "https://doi.org/10.5555/Cranes"), *BODY]
    papers.article(folder / "published.pdf", published)
    papers.article(folder / "scan.pdf", [(10.0, "CONTAINER CRANES"), *BODY], information={"DOI": "10.5555/cranes"})
    stamped = [(10.0, "arXiv:2101.00042v1 [cs.DL] 4 Jan 2021"), (18.0, "Mooring in Heavy Weather"), *byline, *BODY]
    papers.article(folder / "preprint.pdf", stamped)
    (tmp_path / "library.bib").write_text(BIBLIOGRAPHY)
    return folder


@pytest.mark.thorough
async def test_prints_of_a_known_paper_are_that_paper(voyage: Voyage, folder: Path) -> None:
    voyage.start_worker()
    library = folder.with_name("library.bib")
    await imported(voyage, library)
    first = (await imported(voyage, folder)).items
    assert (first.added, first.duplicate, first.total) == (1, 2, 3)
    assert await documents(voyage) == {
        (CRANES, 2020, "10.5555/cranes", "Ada Example"): {"cranes", "published.pdf", "scan.pdf"},
        ("Mooring in Heavy Weather", 2021, None, "Ada Example"): {"preprint.pdf"},
    }
    again = (await imported(voyage, folder)).items
    assert (again.added, again.duplicate, again.unchanged) == (0, 0, 3)
    alone = (await imported(voyage, folder / "published.pdf")).items
    assert (alone.added, alone.duplicate) == (0, 1)

    (folder / "scan.pdf").unlink()
    less = (await imported(voyage, folder)).items
    assert (less.removed, less.unchanged) == (1, 2)
    assert {title for title, *_ in await documents(voyage)} == {CRANES, "Mooring in Heavy Weather"}

    incremental = await voyage.digests()
    await voyage.client.execute_workflow(
        DeleteProjectWorkflow.run, DeleteProject(project=PROJECT), id=f"delete/{PROJECT}", task_queue=WORKFLOW_QUEUE
    )
    fresh = [await imported(voyage, path) for path in (folder, folder / "published.pdf", library)]
    assert [(record.items.added, record.items.duplicate) for record in fresh] == [(2, 0), (0, 1), (0, 1)]
    assert await voyage.digests() == incremental


async def imported(voyage: Voyage, path: Path) -> ClosingRecord:
    return await voyage.finish(await voyage.submit(path, path.stem))


async def documents(voyage: Voyage) -> dict[tuple[str, int, str, str], set[str]]:
    """Keys of what is one document, by its title, year, DOI and first author."""
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select d.title, d.year, d.doi, d.metadata->'creators'->0 as author, array_agg(i.item_key) as keys "
            "from documents d join items i using (project, document_id) where d.project = %s group by 1, 2, 3, 4",
            (PROJECT,),
        )
        rows = await cursor.fetchall()
    await pool.close()
    return {
        (row["title"], row["year"], row["doi"], f"{row['author']['given']} {row['author']['family']}"): set(row["keys"])
        for row in rows
    }
