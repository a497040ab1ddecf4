"""Files are kept by content, in a folder or elsewhere; those that are set aside are there for whoever asks."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from longshore.blobs import BlobStore
from longshore.errors import LongshoreError

PROJECT = "harbour"
CARGO = b"crate"
SHA256 = hashlib.sha256(CARGO).hexdigest()


@pytest.fixture(params=["folder", "memory"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    store = BlobStore(str(tmp_path) if request.param == "folder" else "memory:///")
    await store.put_bytes(PROJECT, CARGO)
    return store


async def test_a_file_that_is_set_aside_is_found_by_every_way_of_asking(blobs: BlobStore) -> None:
    await blobs.set_aside(PROJECT, [SHA256])
    assert await places(blobs) == [True]
    assert await blobs.missing(PROJECT, [SHA256, "f" * 64]) == ["f" * 64]
    assert await places(blobs) == [False]

    await blobs.set_aside(PROJECT, [SHA256])
    assert await blobs.read(PROJECT, SHA256) == CARGO
    assert await places(blobs) == [False]

    await blobs.set_aside(PROJECT, [SHA256])
    async with blobs.local_path(PROJECT, SHA256) as path:
        assert path.read_bytes() == CARGO
    assert await places(blobs) == [False]


async def test_what_was_deleted_is_missing(blobs: BlobStore) -> None:
    await blobs.set_aside(PROJECT, [SHA256])
    await blobs.delete_aside(PROJECT, [SHA256, "f" * 64])

    assert await blobs.missing(PROJECT, [SHA256]) == [SHA256]
    with pytest.raises(LongshoreError) as told:
        await blobs.read(PROJECT, SHA256)
    assert told.value.code == "blob_missing"


async def test_what_was_brought_back_or_brought_again_is_not_deleted(blobs: BlobStore) -> None:
    await blobs.set_aside(PROJECT, [SHA256])
    await blobs.missing(PROJECT, [SHA256])
    await blobs.delete_aside(PROJECT, [SHA256])
    assert await blobs.read(PROJECT, SHA256) == CARGO

    await blobs.set_aside(PROJECT, [SHA256])
    await blobs.put_bytes(PROJECT, CARGO)
    await blobs.delete_aside(PROJECT, [SHA256])
    assert await blobs.read(PROJECT, SHA256) == CARGO


async def test_projects_are_those_that_have_files(blobs: BlobStore) -> None:
    await blobs.put_bytes("quay", CARGO)

    assert await blobs.projects() == [PROJECT, "quay"]


async def test_what_is_set_aside_goes_with_its_project(blobs: BlobStore) -> None:
    await blobs.set_aside(PROJECT, [SHA256])

    assert sum([deleted async for deleted in blobs.delete_all(PROJECT)]) == 1
    assert await blobs.missing(PROJECT, [SHA256]) == [SHA256]


async def places(blobs: BlobStore) -> list[bool]:
    """Of each file, whether it is set aside."""
    return [file.aside async for page in blobs.stored(PROJECT) for file in page]
