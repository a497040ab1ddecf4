"""Uploads by content."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from tests.api.door import Door


async def test_what_is_missing_can_be_uploaded_and_is_then_there(door: Door) -> None:
    data = b"crate" * 700_000
    sha256 = hashlib.sha256(data).hexdigest()
    asked = {"sha256": [sha256, "f" * 64, sha256]}

    before = await door.http.post("/v1/projects/harbour/blobs:missing", json=asked)
    stored = await door.http.put(f"/v1/projects/harbour/blobs/{sha256}", content=_pieces(data))
    again = await door.http.put(f"/v1/projects/harbour/blobs/{sha256}", content=_pieces(data))
    after = await door.http.post("/v1/projects/harbour/blobs:missing", json=asked)

    assert before.json() == {"missing": [sha256, "f" * 64]}
    assert stored.status_code == again.status_code == 201
    assert stored.json() == {"sha256": sha256, "size": len(data)}
    assert after.json() == {"missing": ["f" * 64]}


async def test_content_with_another_digest_is_refused_and_not_kept(door: Door) -> None:
    answer = await door.http.put(f"/v1/projects/harbour/blobs/{'a' * 64}", content=b"contraband")
    missing = await door.http.post("/v1/projects/harbour/blobs:missing", json={"sha256": ["a" * 64]})

    assert answer.status_code == 422
    assert answer.json()["code"] == "digest_mismatch"
    assert missing.json() == {"missing": ["a" * 64]}


async def test_a_project_does_not_see_the_files_of_another(door: Door) -> None:
    sha256 = await door.put(b"crate")
    missing = await door.http.post("/v1/projects/elsewhere/blobs:missing", json={"sha256": [sha256]})

    assert missing.json() == {"missing": [sha256]}


async def test_a_name_that_is_no_digest_is_refused(door: Door) -> None:
    answer = await door.http.put("/v1/projects/harbour/blobs/..%2f..%2fetc", content=b"x")

    assert answer.status_code in (404, 422)


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 65_536):
        yield data[start : start + 65_536]
