"""A repository brought into the blob store at one commit, with the list of what lies there."""

from __future__ import annotations

from collections.abc import Iterable

from longshore.blobs import BlobStore
from longshore.errors import LongshoreError
from longshore.sources.git.fetching import Access, fetch
from longshore.sources.git.snapshot import Snapshot, Wanted, read_snapshot, write_snapshot

_AT_A_TIME = 10_000


async def stage(
    blobs: BlobStore, project: str, wanted: Wanted, access: Access, before: str | None
) -> tuple[str, Snapshot]:
    """Fetch what is not there yet.

    Args:
        before: SHA-256 of the list that an earlier import of the same source was staged as, if there was one.

    Returns:
        SHA-256 of the new list, and what it says.

    Raises:
        InvalidSource, LongshoreError: as `fetch` does.
    """
    known = await _known(blobs, project, before) if before else None

    async def keep(content: bytes) -> str:
        return await blobs.put_bytes(project, content)

    snapshot = await fetch(wanted, access, known, keep)
    return await blobs.put_bytes(project, write_snapshot(snapshot.head, snapshot.entries)), snapshot


async def _known(blobs: BlobStore, project: str, manifest: str) -> Snapshot | None:
    """An earlier snapshot, without the files that are not kept any more."""
    try:
        snapshot = read_snapshot(await blobs.read(project, manifest))
    except LongshoreError:
        return None
    gone = await _missing(blobs, project, {entry.sha256 for entry in snapshot.entries if entry.sha256})
    if not gone:
        return snapshot
    # Another commit than any, so that it is fetched again and not taken for unchanged.
    head = snapshot.head.model_copy(update={"commit": ""})
    return Snapshot(head=head, entries=tuple(entry for entry in snapshot.entries if entry.sha256 not in gone))


async def _missing(blobs: BlobStore, project: str, digests: Iterable[str]) -> set[str]:
    wanted, gone = sorted(digests), set[str]()
    for start in range(0, len(wanted), _AT_A_TIME):
        gone.update(await blobs.missing(project, wanted[start : start + _AT_A_TIME]))
    return gone
