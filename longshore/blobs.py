"""Content-addressed files: what was brought, kept under its SHA-256 within its project."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, from_url

from longshore.errors import LongshoreError

_PART_BYTES = 1024 * 1024
_CONCURRENT_LOOKUPS = 32
_DELETED_AT_ONCE = 1000


class BlobStore:
    """A folder, or any object store that obstore reaches.

    Args:
        url: A folder's path, or an s3://, gs:// or az:// URL.
    """

    def __init__(self, url: str) -> None:
        self._folder = None if "://" in url else Path(url)
        self._store = LocalStore(self._folder, mkdir=True) if self._folder else from_url(url)

    async def put(self, project: str, sha256: str, content: AsyncIterable[bytes]) -> int:
        """Store a stream; nothing appears unless all of it arrived and is what it claims to be.

        Returns:
            Size in bytes.

        Raises:
            LongshoreError: `digest_mismatch`, or `no_disk_space`.
        """
        digest, size = hashlib.sha256(), 0

        async def verified() -> AsyncIterator[bytes]:
            nonlocal size
            pending = bytearray()
            async for piece in content:
                digest.update(piece)
                size += len(piece)
                pending += piece
                if len(pending) >= _PART_BYTES:
                    yield bytes(pending)
                    pending.clear()
            if digest.hexdigest() != sha256:
                raise LongshoreError(
                    "digest_mismatch", f"the content's SHA-256 is {digest.hexdigest()}, not {sha256}", "Send it again."
                )
            yield bytes(pending)

        try:
            await obstore.put_async(self._store, _key(project, sha256), verified(), chunk_size=_PART_BYTES)
        except Exception as error:
            raise _explained(error) from error
        return size

    async def put_bytes(self, project: str, data: bytes) -> str:
        """Store bytes that are already in memory; returns their SHA-256 in hex."""
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            await obstore.put_async(self._store, _key(project, sha256), data)
        except Exception as error:
            raise _explained(error) from error
        return sha256

    async def missing(self, project: str, sha256s: Sequence[str]) -> list[str]:
        """Those of the digests that the store lacks, in the order given."""
        gate = asyncio.Semaphore(_CONCURRENT_LOOKUPS)

        async def lacks(sha256: str) -> bool:
            async with gate:
                try:
                    await obstore.head_async(self._store, _key(project, sha256))
                except (NotFoundError, FileNotFoundError):
                    return True
                return False

        answers = await asyncio.gather(*(lacks(sha256) for sha256 in sha256s))
        return [sha256 for sha256, absent in zip(sha256s, answers, strict=True) if absent]

    async def read(self, project: str, sha256: str) -> bytes:
        """All of a small blob.

        Raises:
            LongshoreError: `blob_missing`.
        """
        return b"".join([piece async for piece in self.stream(project, sha256)])

    async def stream(self, project: str, sha256: str) -> AsyncIterator[bytes]:
        """A blob in pieces of about a megabyte.

        Raises:
            LongshoreError: `blob_missing`.
        """
        try:
            found = await obstore.get_async(self._store, _key(project, sha256))
        except (NotFoundError, FileNotFoundError) as error:
            raise _missing(sha256) from error
        async for piece in found.stream(min_chunk_size=_PART_BYTES):
            yield bytes(piece)

    @asynccontextmanager
    async def local_path(self, project: str, sha256: str) -> AsyncIterator[Path]:
        """A readable file with the blob's content: the stored one, or a temporary copy of a remote one.

        Raises:
            LongshoreError: `blob_missing`.
        """
        if self._folder:
            path = self._folder / _key(project, sha256)
            if not path.is_file():
                raise _missing(sha256)
            yield path
            return
        with tempfile.NamedTemporaryFile(prefix="longshore-") as copy:
            async for piece in self.stream(project, sha256):
                copy.write(piece)
            copy.flush()
            yield Path(copy.name)

    async def usage(self, project: str) -> tuple[int, int]:
        """How many files a project has, and their size in bytes."""
        files = size = 0
        async for page in obstore.list(self._store, prefix=project):
            files += len(page)
            size += sum(entry["size"] for entry in page)
        return files, size

    async def delete_all(self, project: str) -> AsyncIterator[int]:
        """Delete everything of a project, and yield how many files each step took."""
        async for page in obstore.list(self._store, prefix=project, chunk_size=_DELETED_AT_ONCE):
            paths = [entry["path"] for entry in page]
            await obstore.delete_async(self._store, paths)
            yield len(paths)


def _key(project: str, sha256: str) -> str:
    return f"{project}/{sha256[:2]}/{sha256}"


def _missing(sha256: str) -> LongshoreError:
    return LongshoreError("blob_missing", f"the file with SHA-256 {sha256} is not in the store", "Upload it again.")


def _explained(error: Exception) -> Exception:
    if isinstance(error, LongshoreError):
        return error
    if "No space left on device" in str(error) or "os error 28" in str(error):
        return LongshoreError(
            "no_disk_space", "the blob store has no space left", "Free some space, then send the file again."
        )
    return error
