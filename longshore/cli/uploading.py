"""Brings files to the API by their content: only what it lacks, several at once, streamed from the disk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from longshore.cli.client import Api, project_path
from longshore.cli.output import BadInput

AT_ONCE = 4
PIECE = 1 << 20
ASK_AT_ONCE = 10_000


@dataclass(frozen=True)
class Blob:
    """Content to bring: a file on the disk, or bytes in memory."""

    sha256: str
    size: int
    content: Path | bytes

    @property
    def is_file(self) -> bool:
        return isinstance(self.content, Path)


@dataclass
class Freight:
    """How far an upload is; `files` and `size` (in bytes) are what has to be brought, the manifest in the size only."""

    files: int
    size: int
    files_sent: int = 0
    sent: int = 0


async def upload(api: Api, project: str, blobs: Sequence[Blob], on_progress: Callable[[Freight], None]) -> Freight:
    """Brings what the server lacks. Doing it again brings only what is still missing.

    Raises:
        BadInput: a file is not what it was when it was listed.
    """
    wanted = await _missing(api, project, blobs)
    freight = Freight(files=sum(blob.is_file for blob in wanted), size=sum(blob.size for blob in wanted))
    on_progress(freight)
    waiting = iter(wanted)

    async def carry() -> None:
        for blob in waiting:
            await _put(api, project, blob, freight, on_progress)
            freight.files_sent += blob.is_file
            on_progress(freight)

    carriers = [asyncio.ensure_future(carry()) for _ in range(min(AT_ONCE, len(wanted)))]
    try:
        await asyncio.gather(*carriers)
    finally:
        for carrier in carriers:
            carrier.cancel()
    return freight


async def _missing(api: Api, project: str, blobs: Sequence[Blob]) -> list[Blob]:
    by_digest = {blob.sha256: blob for blob in blobs}
    digests = sorted(by_digest)
    missing: list[Blob] = []
    for start in range(0, len(digests), ASK_AT_ONCE):
        asked = {"sha256": digests[start : start + ASK_AT_ONCE]}
        answer = await api.call("POST", f"{project_path(project)}/blobs:missing", json=asked)
        missing += [by_digest[digest] for digest in answer["missing"]]
    return missing


async def _put(api: Api, project: str, blob: Blob, freight: Freight, on_progress: Callable[[Freight], None]) -> None:
    counted = 0

    def count(pieces: int) -> None:
        nonlocal counted
        counted += pieces
        freight.sent += pieces
        on_progress(freight)

    async def body() -> AsyncIterator[bytes]:
        count(-counted)  # an attempt that broke off begins again
        async for piece in _pieces(blob):
            yield piece
            count(len(piece))

    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(blob.size)}
    await api.call("PUT", f"{project_path(project)}/blobs/{blob.sha256}", body=body, headers=headers)


async def _pieces(blob: Blob) -> AsyncIterator[bytes]:
    if isinstance(blob.content, bytes):
        yield blob.content
        return
    left = blob.size
    try:
        with blob.content.open("rb") as file:
            if os.fstat(file.fileno()).st_size != blob.size:
                raise _changed(blob.content)
            while left:
                piece = await asyncio.to_thread(file.read, min(PIECE, left))
                if not piece:
                    raise _changed(blob.content)
                left -= len(piece)
                yield piece
    except OSError as error:
        raise BadInput(
            "unreadable_file",
            f"{blob.content} cannot be read any more ({error.strerror}).",
            "Put it back and run the same command again: what was uploaded is kept.",
        ) from error


def _changed(path: Path) -> BadInput:
    return BadInput(
        "file_changed",
        f"{path} changed while it was being uploaded.",
        "Run the same command again when nothing writes to it any more.",
    )
