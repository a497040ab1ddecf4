"""From what was handed over to a source that can be read: unpacked into blobs, then opened from them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import get_args

from longshore.blobs import BlobStore
from longshore.errors import InvalidSource
from longshore.sources.base import Kind, Source
from longshore.sources.bibliography import Bibliography, main_of
from longshore.sources.choosing import Choice, ChosenItems
from longshore.sources.files import FileLibrary
from longshore.sources.further import further_kinds, main_of_further, open_further
from longshore.sources.git import RepositoryLibrary, read_snapshot
from longshore.sources.manifest import main_file, read_manifest, write_manifest
from longshore.sources.model import FileRef
from longshore.sources.parcel import Parcel
from longshore.sources.zip import unpack, unpack_files
from longshore.sources.zotero import ZoteroLibrary
from longshore.sources.zotero.web import WebLibrary
from longshore.sources.zotero.web.mirror import Mirror


async def stage(blobs: BlobStore, project: str, kind: str, manifest: str) -> tuple[str, tuple[FileRef, ...]]:
    """Bring what was handed over into the form that it is read in; what is in the store already is not stored twice.

    Returns:
        SHA-256 of the manifest to read from here on, and what it lists.

    Raises:
        InvalidSource: the manifest, or the archive that it names, is not what it should be; `unknown_kind`.
        LongshoreError: `blob_missing`.
    """
    if kind not in (*get_args(Kind), *further_kinds()):
        raise InvalidSource(
            "unknown_kind",
            f"This worker cannot read sources of kind {kind!r}.",
            "Bring the worker up to the version of the API, with the same packages, then submit the import again.",
        )
    files = read_manifest(await blobs.read(project, manifest))
    archive = _archive(kind, files)
    if archive is None:
        return manifest, files
    async with blobs.local_path(project, archive.sha256) as path:
        entries = (unpack if kind == "zotero" else unpack_files)(path, called=archive.path)
        unpacked = []
        while entry := await asyncio.to_thread(next, entries, None):
            unpacked.append(await _keep(blobs, project, *entry))
    return await blobs.put_bytes(project, write_manifest(unpacked)), tuple(unpacked)


@asynccontextmanager
async def opened(
    blobs: BlobStore,
    project: str,
    kind: str,
    manifest: str,
    choice: Choice | None = None,
    collection: str | None = None,
) -> AsyncIterator[Source]:
    """The source that a staged manifest lists, or what is chosen of it.

    Args:
        collection: Of a library on the web, the key of the one to read.

    Raises:
        InvalidSource: it cannot be read as what it claims to be.
    """
    async with _whole(blobs, project, kind, manifest, collection) as source:
        yield ChosenItems(source, choice) if choice else source


@asynccontextmanager
async def _whole(
    blobs: BlobStore, project: str, kind: str, manifest: str, collection: str | None
) -> AsyncIterator[Source]:
    if kind == "git":
        yield RepositoryLibrary(read_snapshot(await blobs.read(project, manifest)))
        return
    if kind == "zotero-web":
        async with blobs.local_path(project, manifest) as path:
            mirror = await asyncio.to_thread(Mirror.read, path)
        yield WebLibrary(mirror, collection)
        return
    files = read_manifest(await blobs.read(project, manifest))
    by_path = {file.path: file for file in files}
    if kind == "files":
        yield FileLibrary(by_path)
        return
    if kind == "bibliography":
        async with blobs.local_path(project, main_of(files).sha256) as main:
            yield await asyncio.to_thread(Bibliography, main, by_path)
        return
    if kind in further_kinds():
        async with blobs.local_path(project, main_of_further(kind, files).sha256) as main:
            yield await asyncio.to_thread(open_further, kind, main, by_path)
        return
    async with blobs.local_path(project, main_file(files).sha256) as rdf:
        yield await asyncio.to_thread(ZoteroLibrary, rdf, by_path)


def _archive(kind: str, files: Sequence[FileRef]) -> FileRef | None:
    """The zip that stands for the whole source; among other files it is one of them."""
    main = main_file(files) if kind == "zotero" else files[0] if len(files) == 1 else None
    return main if main and main.path.lower().endswith(".zip") else None


async def _keep(blobs: BlobStore, project: str, name: str, content: Iterator[bytes]) -> FileRef:
    with Parcel() as parcel:
        while piece := await asyncio.to_thread(next, content, None):
            parcel.write(piece)
        return FileRef(path=name, sha256=await parcel.keep(blobs, project), size=parcel.size)
