"""Bytes that arrive piece by piece, put aside until it is known what they are called: by their SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from typing import IO

from longshore.blobs import BlobStore

_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 1024 * 1024


class Parcel:
    """A context manager; what was put aside is gone with it."""

    def __init__(self) -> None:
        self.size = 0
        self._digest = hashlib.sha256()
        self.content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="longshore-")  # noqa: SIM115

    def __enter__(self) -> Parcel:
        return self

    def __exit__(self, *_: object) -> None:
        self.content.close()

    def write(self, piece: bytes) -> None:
        self._digest.update(piece)
        self.size += len(piece)
        self.content.write(piece)

    async def keep(self, blobs: BlobStore, project: str) -> str:
        """Store it unless it is there already; gives its SHA-256.

        Raises:
            LongshoreError: as `BlobStore.put` does.
        """
        sha256 = self._digest.hexdigest()
        if await blobs.missing(project, [sha256]):
            self.content.seek(0)
            await blobs.put(project, sha256, self._pieces())
        return sha256

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self.content.read, _PIECE):
            yield piece
