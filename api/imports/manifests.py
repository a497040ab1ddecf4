"""A submission's manifest: what it lists has to be there before anything starts."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from api.problems import Problem
from longshore.blobs import BlobStore
from longshore.errors import LongshoreError
from longshore.sources.model import FileRef

_AT_A_TIME = 10_000
_NAMED = 5


@dataclass(frozen=True)
class Manifest:
    """How much a manifest lists."""

    files: int
    bytes: int


async def check_manifest(blobs: BlobStore, project: str, manifest: str) -> Manifest:
    """What a manifest lists, all of which is there.

    Raises:
        Problem: 422 `manifest_missing`, `manifest_invalid` or `manifest_incomplete`.
    """
    files = await _read(blobs, project, manifest)
    missing: set[str] = set()
    for start in range(0, len(files), _AT_A_TIME):
        digests = sorted({file.sha256 for file in files[start : start + _AT_A_TIME]})
        missing.update(await blobs.missing(project, digests))
    if missing:
        absent = [file.path for file in files if file.sha256 in missing]
        first = ", ".join(absent[:_NAMED]) + (" …" if len(absent) > _NAMED else "")
        raise Problem(
            422,
            "manifest_incomplete",
            f"{len(absent)} of the {len(files)} files have not been uploaded: {first}",
            "Ask blobs:missing for what the server lacks, upload it, then submit again.",
            missing=absent[:_NAMED],
        )
    return Manifest(len(files), sum(file.size for file in files))


async def _read(blobs: BlobStore, project: str, manifest: str) -> list[FileRef]:
    try:
        lines = (await blobs.read(project, manifest)).splitlines()
    except LongshoreError as error:
        if error.code != "blob_missing":
            raise
        raise Problem(
            422, "manifest_missing", f"The manifest {manifest} has not been uploaded.", "Upload it as a blob first."
        ) from error
    try:
        files = [FileRef.model_validate_json(line) for line in lines if line.strip()]
    except ValidationError as error:
        raise _invalid(f"a line of it is not a file: {error.errors()[0]['msg']}") from error
    if not files:
        raise _invalid("it lists no file")
    if len({file.path for file in files}) < len(files):
        raise _invalid("it lists a path twice")
    return files


def _invalid(cause: str) -> Problem:
    return Problem(
        422,
        "manifest_invalid",
        f"The manifest cannot be used: {cause}.",
        'It is JSON Lines, one {"path", "sha256", "size"} for each file.',
    )
