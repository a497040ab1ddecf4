"""Uploads: files by their content, streamed, and never twice."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, status
from pydantic import BaseModel, Field

from api.names import ProjectPath, Sha256
from api.services import Door

router = APIRouter(prefix="/v1/projects/{project}", tags=["blobs"])


class Digests(BaseModel):
    sha256: list[Sha256] = Field(max_length=10_000)


class MissingDigests(BaseModel):
    missing: list[str]


class StoredBlob(BaseModel):
    sha256: str
    size: int
    """Bytes."""


@router.post("/blobs:missing", operation_id="find_missing_blobs")
async def find_missing_blobs(door: Door, project: ProjectPath, digests: Digests) -> MissingDigests:
    """Those of the files that have to be uploaded."""
    return MissingDigests(missing=await door.blobs.missing(project, list(dict.fromkeys(digests.sha256))))


@router.put(
    "/blobs/{sha256}",
    status_code=status.HTTP_201_CREATED,
    operation_id="put_blob",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def put_blob(door: Door, project: ProjectPath, sha256: Annotated[Sha256, Path()], request: Request) -> StoredBlob:
    """Store a file; it appears only if all of it arrived and has this SHA-256."""
    return StoredBlob(sha256=sha256, size=await door.blobs.put(project, sha256, request.stream()))
