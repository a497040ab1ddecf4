"""Kinds that another package brings, from the file on disk to the graph: the very code of docs/adding-a-kind.md."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from longshore.graph.db import open_pool
from longshore.plugins import added
from longshore.sources.manifest import hash_files, item_keys, scan
from tests import addition
from tests.integration.voyage import PROJECT, Voyage

LIST = "Cranes of the Harbour; Example; 2020; logs/voyage.shiplog\nTides; Sample; 2021\nGone; Sample; 2022; gone.txt\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = addition.install(tmp_path / "site")
    monkeypatch.syspath_prepend(folder)
    added.cache_clear()
    yield folder
    added.cache_clear()


@pytest.fixture
def reading_list(tmp_path: Path) -> Path:
    (tmp_path / "thesis/logs").mkdir(parents=True)
    (tmp_path / "thesis/logs/voyage.shiplog").write_text(addition.LOG)
    path = tmp_path / "thesis" / "thesis.readlist"
    path.write_text(LIST)
    return path


async def test_a_further_kind_is_imported_like_any_other(voyage: Voyage, site: Path, reading_list: Path) -> None:
    voyage.settings["PYTHONPATH"] = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
    voyage.start_worker()
    first = await voyage.finish(await voyage.submit(reading_list, "thesis"))
    assert (first.source_key, first.state, first.items.added, first.warnings) == (
        "readlist.thesis",
        "succeeded",
        3,
        1,
    )
    assert await passages(voyage) == [("Cranes of the Harbour", 2020, "3 May 2021, 4 May 2021")]

    reading_list.write_text(LIST.replace("2021", "2019").replace("Gone; Sample; 2022; gone.txt\n", ""))
    again = (await voyage.finish(await voyage.submit(reading_list, "thesis"))).items
    assert (again.unchanged, again.changed, again.removed, again.added) == (1, 1, 1, 0)


def test_what_a_list_names_is_brought_along(site: Path, reading_list: Path) -> None:
    source = scan(reading_list)
    assert (source.kind, source.name, source.absent) == ("readlist", "thesis", ("gone.txt",))
    assert [file.path for file in source.files] == ["logs/voyage.shiplog", "thesis.readlist"]
    assert item_keys(source.kind, reading_list, hash_files(source.files), 2) == ["Cranes of the Harbour", "Tides"]


def test_the_api_takes_the_kinds_that_are_installed(site: Path) -> None:
    asked = "from api.names import HandedOverKind; print(HandedOverKind.__args__)"
    environment = {**os.environ, "PYTHONPATH": str(site)}
    answer = subprocess.run([sys.executable, "-c", asked], env=environment, check=True, capture_output=True, text=True)
    assert "'readlist'" in answer.stdout


async def passages(voyage: Voyage) -> list[tuple[str, int, str]]:
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select d.title, d.year, c.heading from documents d join document_parts using (project, document_id) "
            "join chunks c using (project, part_id) where d.project = %s",
            (PROJECT,),
        )
        rows = await cursor.fetchall()
    await pool.close()
    return [(row["title"], row["year"], row["heading"]) for row in rows]
