"""Whether the files that were brought are all there, and are what they were."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from longshore.blobs import BlobStore, StoredFile
from longshore.errors import LongshoreError
from longshore.graph import checking, collecting
from longshore.graph.checking import EXAMPLES, Contradiction
from longshore.graph.db import Pool
from longshore.ids import home_of
from longshore.stack.doctor.finding import Finding

Told = Callable[[int, int], None]
"""Is told how many bytes were read, and of how many."""
Found = tuple[str, StoredFile]
"""A project and a file of it."""
_AT_ONCE = 4


async def check_files(pool: Pool, blobs: BlobStore, told: Told, quick: bool) -> list[Finding]:
    """Compare the store of files with what the database says of it, and every file with its name.

    Args:
        quick: Do not read the files.
    """
    stored: list[Found] = []
    missing: list[Contradiction] = []
    unneeded: list[Found] = []
    remnants = []
    for project in await _projects(pool, blobs):
        here = [(project, file) async for page in blobs.stored(project) for file in page]
        stored += here
        async with pool.connection() as connection:
            lost = await checking.find_missing_files(connection, project, {file.sha256 for _, file in here})
            missing += [lost] if lost else []
            needed = await collecting.needed_among(connection, blobs, project, {file.sha256 for _, file in here})
        long_ago = datetime.now(UTC) - collecting.GRACE
        unneeded += [
            found
            for found in here
            if found[1].sha256 not in needed and (found[1].aside or found[1].changed_at < long_ago)
        ]
        remnants += [f"{project}/{path.name}" for path in blobs.remnants(project, long_ago)]
    damaged = [] if quick else await _damaged(blobs, stored, told)
    found = [_missing(missing), _damage(blobs, damaged), _unneeded(unneeded), _left_by_uploads(remnants)]
    return [finding for finding in found if finding]


async def _projects(pool: Pool, blobs: BlobStore) -> list[str]:
    async with pool.connection() as connection:
        cursor = await connection.execute("select project from projects where deleting_at is null")
        known = {home_of(row["project"]) for row in await cursor.fetchall()}
    return sorted(known | set(await blobs.projects()))


async def _damaged(blobs: BlobStore, stored: list[Found], told: Told) -> list[Found]:
    """Those whose content is not what their name says; one that has gone meanwhile is not among them."""
    gate, damaged, read = asyncio.Semaphore(_AT_ONCE), list[Found](), 0
    size = sum(file.size for _, file in stored)

    async def look(project: str, file: StoredFile) -> None:
        nonlocal read
        async with gate:
            try:
                if await blobs.digest(project, file) != file.sha256:
                    damaged.append((project, file))
            except LongshoreError as error:
                if error.code != "blob_missing":
                    raise
            read += file.size
            told(read, size)

    for start in range(0, len(stored), 1000):
        await asyncio.gather(*(look(*found) for found in stored[start : start + 1000]))
    return sorted(damaged, key=lambda found: (found[0], found[1].sha256))


def _missing(lost: list[Contradiction]) -> Finding | None:
    if not lost:
        return None
    return Finding(
        code="files_missing",
        what="Files are missing that documents or running imports name.",
        why="They cannot be read again: imports of them fail, and so would a retry or an undo that needs them.",
        remedy="Import their source again from where the files are: what is missing is asked for and brought again.",
        count=sum(kind.count for kind in lost),
        examples=[example for kind in lost for example in kind.examples][:EXAMPLES],
    )


def _damage(blobs: BlobStore, damaged: list[Found]) -> Finding | None:
    if not damaged:
        return None

    async def put_away() -> str:
        for project, file in damaged:
            await blobs.put_away_damaged(project, file)
        return f"Put {len(damaged)} damaged files away, into damaged/ of their project's files."

    return Finding(
        code="files_damaged",
        what="Files are not what they were when they were brought: their content has another SHA-256 than their name.",
        why="The disk, or somebody, has changed them. Whoever reads them reads something else than was brought, and "
        "because they seem to be there nobody brings them again.",
        remedy="Look after the disk. `longshore doctor --fix` puts them away, so that importing their source again "
        "brings them anew.",
        count=len(damaged),
        examples=_shown(damaged),
    ).mended_by(put_away)


def _unneeded(unneeded: list[Found]) -> Finding | None:
    if not unneeded:
        return None
    size = sum(file.size for _, file in unneeded)
    return Finding(
        code="files_unneeded",
        severity="notice",
        what=f"Files of {size / 1e6:.1f} MB in all are not needed, as far as the database knows.",
        why="They were uploaded and not imported, or belong to what was removed.",
        remedy="Nothing: they go by themselves, a day after they were set aside.",
        count=len(unneeded),
        examples=_shown(unneeded),
    )


def _left_by_uploads(remnants: list[str]) -> Finding | None:
    if not remnants:
        return None
    return Finding(
        code="upload_remnants",
        severity="notice",
        what="Pieces of files lie about whose upload was broken off more than a day ago.",
        why="They take space.",
        remedy="Nothing: they are deleted when files are collected, every six hours.",
        count=len(remnants),
        examples=sorted(remnants)[:EXAMPLES],
    )


def _shown(files: list[Found]) -> list[str]:
    return [f"{project}: {file.sha256}" for project, file in files[:EXAMPLES]]
