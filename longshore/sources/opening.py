"""From what was handed over to a source that can be read: unpacked into blobs, then opened from them."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import IO

from longshore.blobs import BlobStore
from longshore.sources.manifest import main_file, read_manifest, write_manifest
from longshore.sources.model import FileRef
from longshore.sources.zip import unpack
from longshore.sources.zotero import ZoteroLibrary

_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 1024 * 1024


async def stage(blobs: BlobStore, project: str, manifest: str) -> tuple[str, tuple[FileRef, ...]]:
    """Bring what was handed over into the form that it is read in; what is in the store already is not stored twice.

    Returns:
        SHA-256 of the manifest to read from here on, and what it lists.

    Raises:
        InvalidSource: the manifest, or the archive that it names, is not what it should be.
        LongshoreError: `blob_missing`.
    """
    files = read_manifest(await blobs.read(project, manifest))
    main = main_file(files)
    if not main.path.lower().endswith(".zip"):
        return manifest, files
    async with blobs.local_path(project, main.sha256) as path:
        entries = unpack(path, called=main.path)
        unpacked = []
        while entry := await asyncio.to_thread(next, entries, None):
            unpacked.append(await _keep(blobs, project, *entry))
    return await blobs.put_bytes(project, write_manifest(unpacked)), tuple(unpacked)


@asynccontextmanager
async def opened(blobs: BlobStore, project: str, manifest: str) -> AsyncIterator[ZoteroLibrary]:
    """The source that a staged manifest lists.

    Raises:
        InvalidSource: it cannot be read as what it claims to be.
    """
    files = read_manifest(await blobs.read(project, manifest))
    async with blobs.local_path(project, main_file(files).sha256) as rdf:
        yield await asyncio.to_thread(ZoteroLibrary, rdf, {file.path: file for file in files})


async def _keep(blobs: BlobStore, project: str, name: str, content: Iterator[bytes]) -> FileRef:
    digest, size = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="longshore-") as copy:
        while piece := await asyncio.to_thread(next, content, None):
            digest.update(piece)
            size += len(piece)
            copy.write(piece)
        sha256 = digest.hexdigest()
        if await blobs.missing(project, [sha256]):
            copy.seek(0)
            await blobs.put(project, sha256, _pieces(copy))
    return FileRef(path=name, sha256=sha256, size=size)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
