"""A folder full of poison, with a few sound files among it, through a real import."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import psutil
import pytest
from temporalio.client import Client

from longshore.graph.db import Pool
from longshore.parsing.model import SKIPPED_CODES
from longshore.providers.settings import Providers
from tests.integration.pier import Pier
from tests.poison import corpus

PATIENCE_S = 240
SOUND = {
    "between.md": "# Cranes\n\nCranes lift cargo from ships that wait.\n",
    "first of all.md": "# Tides\n\nTides carry the ships into the harbour.\n",
    "zuletzt.md": "# Beacons\n\nBeacons burn at the end of the quay.\n",
}


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where whatever is put aside for a moment is put."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


async def test_each_poison_ends_with_its_reason_and_harms_nothing_else(
    client: Client, pool: Pool, database_url: str, tmp_path: Path, scratch: Path
) -> None:
    expected = dict(corpus.make(tmp_path / "poison"))
    for name, text in SOUND.items():
        (tmp_path / "poison" / name).write_text(text)
        expected[name] = None
    before = set(psutil.Process().children(recursive=True))

    pier = Pier(client, pool, database_url, tmp_path / "home")
    async with pier.workers(Providers(), processes=2, cpu_seconds=2):
        handle = await pier.submit(tmp_path / "poison")
        record = await asyncio.wait_for(handle.result(), PATIENCE_S)

    found = await fates(pool, pier.project)
    assert {name: code for name, (_, code, _) in found.items()} == expected
    assert {name: state for name, (state, _, _) in found.items()} == {
        name: "done" if code is None else "skipped" if code in SKIPPED_CODES else "failed"
        for name, code in expected.items()
    }
    assert all(name in detail for name, (_, code, detail) in found.items() if code), "a reason names its file"
    assert (record.state, record.items.total) == ("partially_succeeded", len(expected))
    assert record.items.failed == sum(state == "failed" for state, _, _ in found.values())
    assert record.interruptions == 0

    assert set(SOUND.values()) <= await texts(pool, pier.project)
    assert list(scratch.iterdir()) == []
    assert {child for child in psutil.Process().children(recursive=True) if is_parser(child)} <= before


def is_parser(process: psutil.Process) -> bool:
    try:
        return "longshore.parsing.child" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


async def fates(pool: Pool, project: str) -> dict[str, tuple[str, str | None, str]]:
    """State, code and detail of each item, by its key."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select item_key, state, code, detail from import_items where project = %s", (project,)
        )
        rows = await cursor.fetchall()
    return {row["item_key"]: (row["state"], row["code"], row["detail"] or "") for row in rows}


async def texts(pool: Pool, project: str) -> set[str]:
    async with pool.connection() as connection:
        cursor = await connection.execute("select text from chunks where project = %s", (project,))
        return {row["text"] + "\n" for row in await cursor.fetchall()}
