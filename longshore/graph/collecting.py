"""Collecting files that nothing needs any more: of removed sources, of uploads that nobody submitted, of old exports.

Needed are the files of what the graph holds; those of open imports, of imports that wait for their turn, and of each
source's newest import; and those of imports that closed within the last 30 days, with what they replaced, so that these
can be retried and undone. A file that is not needed and was brought more than a day ago is set aside, and deleted a day
later unless it is needed again or somebody has asked for it (longshore/blobs.py). So a submission that was told that a
file is there has a day to begin, and nothing is deleted because of what was true only for a moment.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from longshore.blobs import BlobStore, StoredFile
from longshore.errors import LongshoreError
from longshore.graph import keys, pruning
from longshore.graph.db import Connection, Pool

GRACE = timedelta(days=1)
KEPT = timedelta(days=30)
"""How long an import's files are kept after it has closed."""

_DIGEST = re.compile(rb"[0-9a-f]{64}")
_DIGESTS_AT_ONCE = 5000

_MAKE_ROOM = """
    create temporary table if not exists needed_blobs (sha256 text primary key) on commit preserve rows;
    truncate needed_blobs
"""

_FAMILY = "select project from projects where project = %(project)s or project like %(project)s || '~%%'"
"""The project and the spaces beside it, which have its files."""
_OPEN = f"select import_id from imports where project in ({_FAMILY}) and outcome is null"
_RECENT = f"select import_id from imports where project in ({_FAMILY}) and (outcome is null or closed_at > %(since)s)"

_OF_ITEMS = f"""
    insert into needed_blobs
    select distinct a->>'sha256' from (
        select payload from items where project in ({_FAMILY})
        union all
        select payload from import_items where project in ({_FAMILY}) and import_id in ({_OPEN})
        union all
        select payload from item_versions where project in ({_FAMILY}) and replaced_by in ({_RECENT})
    ) asserted, jsonb_array_elements(payload->'attachments') a
    where a->>'sha256' is not null
"""

_MANIFESTS = f"""
    with newest as (
        select distinct on (i.project, i.source_key) i.import_id
        from imports i join sources s using (project, source_key)
        where i.project in ({_FAMILY}) and s.removed_at is null and coalesce(i.submission->>'mode', 'import') = 'import'
        order by i.project, i.source_key, i.opened_at desc, i.import_id desc
    )
    select distinct unnest(array[submission->>'manifest', manifest]) as manifest from imports
    where project in ({_FAMILY}) and (import_id in ({_RECENT}) or import_id in (select import_id from newest))
    union
    select unnest(array[request->'submission'->>'manifest', request->'questions'->>'given']) from comparisons
    where project = %(project)s
"""
"""Of imports, and of comparisons until they are dropped, for their variants can be retried."""

_GENERATION = f"""
    select count(*) as imports, sum(attempt) as attempts, min(opened_at) as first from imports
    where project in ({_FAMILY})
"""


@dataclass(frozen=True)
class Handled:
    """What became of some files; `bytes` are those of the deleted ones, `rows` the texts and versions that went."""

    files: int = 0
    set_aside: int = 0
    deleted: int = 0
    bytes: int = 0
    rows: int = 0


async def collect(
    pool: Pool, blobs: BlobStore, project: str, waiting: Collection[str]
) -> AsyncGenerator[Handled, None]:
    """Collect a project's files, and what was made of them; yield what became of each page.

    Args:
        waiting: Manifests of submissions that the store does not know yet.
    """
    remnants = await blobs.delete_remnants(project, datetime.now(UTC) - GRACE)
    yield Handled(deleted=remnants)
    async with pool.connection() as connection:
        generation = await _find_needed(connection, blobs, project, waiting)
        async for page in blobs.stored(project):
            while await _generation(connection, project, hold=True) != generation:
                # An import has begun that may need other files.
                await connection.rollback()
                generation = await _find_needed(connection, blobs, project, waiting)
            if not await keys.may_delete_files(connection):
                # A backup is being taken, which may need them; there is another turn in some hours.
                await connection.rollback()
                break
            yield await _handle(connection, blobs, project, page)
            await connection.commit()
        async for rows in pruning.prune(connection, project, datetime.now(UTC) - KEPT):
            yield Handled(rows=rows)
        await connection.execute("drop table needed_blobs")


async def needed_among(connection: Connection, blobs: BlobStore, project: str, sha256s: Collection[str]) -> set[str]:
    """Those of some files that something needs, as far as the store knows; commits."""
    await _find_needed(connection, blobs, project, ())
    needed = await _needed(connection, sha256s)
    await connection.execute("drop table needed_blobs")
    return needed


async def _needed(connection: Connection, sha256s: Collection[str]) -> set[str]:
    cursor = await connection.execute("select sha256 from needed_blobs where sha256 = any(%s)", (list(sha256s),))
    return {row["sha256"] for row in await cursor.fetchall()}


async def _handle(connection: Connection, blobs: BlobStore, project: str, page: Sequence[StoredFile]) -> Handled:
    """No import can begin before this is committed. One that begins later finds what is set aside."""
    needed = await _needed(connection, {file.sha256 for file in page})
    long_ago = datetime.now(UTC) - GRACE
    due = [file for file in page if file.changed_at < long_ago and file.sha256 not in needed]
    unneeded = [file for file in due if not file.aside]
    expired = [file for file in due if file.aside]
    await blobs.bring_back(project, [file.sha256 for file in page if file.aside and file.sha256 in needed])
    await blobs.set_aside(project, [file.sha256 for file in unneeded])
    await blobs.delete_aside(project, [file.sha256 for file in expired])
    return Handled(len(page), len(unneeded), len(expired), sum(file.size for file in expired))


async def _find_needed(
    connection: Connection, blobs: BlobStore, project: str, waiting: Collection[str]
) -> dict[str, object]:
    """Gather the digests in a table of this connection, for they may be many; returns what they were true of."""
    generation = await _generation(connection, project)
    scope = {"project": project, "since": datetime.now(UTC) - KEPT}
    await connection.execute(_MAKE_ROOM)
    await connection.execute(_OF_ITEMS, scope)
    cursor = await connection.execute(_MANIFESTS, scope)
    manifests = {row["manifest"] for row in await cursor.fetchall()} | set(waiting)
    for manifest in sorted(filter(None, manifests)):
        async for digests in _digests_in(blobs, project, manifest):
            await connection.execute(
                "insert into needed_blobs select distinct unnest(%s::text[]) on conflict do nothing", (digests,)
            )
    await connection.commit()
    return generation


async def _generation(connection: Connection, project: str, hold: bool = False) -> dict[str, object]:
    """What changes when an import begins; none does while the transaction holds the project."""
    if hold:
        await connection.execute(f"{_FAMILY} for no key update".encode(), {"project": project})
    cursor = await connection.execute(_GENERATION.encode(), {"project": project})
    return dict(await cursor.fetchone() or {})


async def _digests_in(blobs: BlobStore, project: str, manifest: str) -> AsyncIterator[list[str]]:
    """The manifest itself, and whatever it names: no matter what its lines look like, and however many they are."""
    digests, rest = {manifest}, b""
    try:
        async for piece in blobs.stream(project, manifest):
            text = rest + piece
            digests.update(match.decode() for match in _DIGEST.findall(text))
            rest = text[-63:]
            if len(digests) >= _DIGESTS_AT_ONCE:
                yield list(digests)
                digests.clear()
    except LongshoreError as error:
        if error.code != "blob_missing":
            raise
    yield list(digests)
