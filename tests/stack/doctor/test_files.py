"""Files that are missing, damaged or not needed are found; damaged ones are put away so that they are brought again."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
import pytest_asyncio

from longshore.blobs import BlobStore
from longshore.graph import records
from longshore.graph.db import Pool
from longshore.stack.doctor.files import check_files
from longshore.stack.doctor.finding import Finding

PROJECT = "shelf"
DAY_S = 86_460.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest_asyncio.fixture
async def brought(folder: Path, pool: Pool) -> str:
    """A file of an import that runs; its digest."""
    blobs = BlobStore(str(folder))
    digest = await blobs.put_bytes(PROJECT, b"cargo")
    manifest = await blobs.put_bytes(PROJECT, json.dumps({"path": "a", "sha256": digest, "size": 5}).encode())
    submission = {"project": PROJECT, "import_id": "zotero.shelf.a", "source_key": "zotero.shelf", "kind": "zotero"}
    payload = {"attachments": [{"path": "files/1/a.pdf", "sha256": digest}]}
    async with pool.connection() as connection:
        await records.open_record(connection, {**submission, "name": "shelf", "manifest": manifest}, "run")
        await connection.execute(
            "insert into import_items (project, import_id, ordinal, item_key, title, change, payload, state) "
            "values (%s, %s, 0, 'A', 'A', 'added', %s, 'pending')",
            (PROJECT, submission["import_id"], json.dumps(payload)),
        )
    return digest


def stored(folder: Path, digest: str) -> Path:
    return folder / PROJECT / digest[:2] / digest


async def look(folder: Path, pool: Pool, *, quick: bool = False) -> dict[str, Finding]:
    told: list[tuple[int, int]] = []
    found = await check_files(pool, BlobStore(str(folder)), lambda done, of: told.append((done, of)), quick)
    assert quick == (not told)
    assert quick or told[-1][0] == told[-1][1]
    return {finding.code: finding for finding in found}


async def test_what_is_whole_is_left_in_peace(folder: Path, pool: Pool, brought: str) -> None:
    assert await look(folder, pool) == {}
    assert await look(folder, pool, quick=True) == {}


async def test_a_missing_file_is_told_with_what_names_it(folder: Path, pool: Pool, brought: str) -> None:
    stored(folder, brought).unlink()
    found = await look(folder, pool)
    assert set(found) == {"files_missing"}
    assert found["files_missing"].examples == [f"{PROJECT}: zotero.shelf: files/1/a.pdf ({brought[:12]}…)"]


async def test_a_damaged_file_is_put_away_and_asked_for_again(folder: Path, pool: Pool, brought: str) -> None:
    stored(folder, brought).write_bytes(b"cargx")
    assert await look(folder, pool, quick=True) == {}
    found = await look(folder, pool)
    assert set(found) == {"files_damaged"}
    mend = found["files_damaged"].mend
    assert mend
    await mend()
    await mend()
    assert set(await look(folder, pool)) == {"files_missing"}
    blobs = BlobStore(str(folder))
    assert await blobs.missing(PROJECT, [brought]) == [brought]
    await blobs.put_bytes(PROJECT, b"cargo")
    assert await look(folder, pool) == {}
    assert (folder / PROJECT / "damaged" / brought).read_bytes() == b"cargx"


async def test_what_nothing_needs_is_only_worth_a_notice(folder: Path, pool: Pool, brought: str) -> None:
    flotsam = await BlobStore(str(folder)).put_bytes(PROJECT, b"flotsam")
    assert await look(folder, pool, quick=True) == {}, "it may be about to be submitted"
    remnant = stored(folder, brought).with_name(f"{brought}#1")
    remnant.write_bytes(b"ca")
    for path in (stored(folder, flotsam), stored(folder, brought), remnant):
        os.utime(path, (time.time(), time.time() - DAY_S))
    found = await look(folder, pool)
    assert set(found) == {"files_unneeded", "upload_remnants"}
    assert {finding.severity for finding in found.values()} == {"notice"}
    assert found["files_unneeded"].examples == [f"{PROJECT}: {flotsam}"]
