"""Operations on what a project knows."""

from __future__ import annotations

from fastapi import APIRouter

from api.graph import documents, drawing, evidence, exports, hashing, searching

router = APIRouter(prefix="/v1/projects/{project}", tags=["graph"])
for part in (drawing, documents, evidence, exports, hashing, searching):
    router.include_router(part.router)
