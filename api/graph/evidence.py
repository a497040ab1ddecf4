"""Where it is stated what a language model has found."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.graph.known import require_project
from api.names import ProjectPath
from api.services import Door
from longshore.graph.evidence import Evidence, evidence_of

router = APIRouter()


class EvidenceList(BaseModel):
    evidence: list[Evidence]
    truncated: bool
    """There is more than the limit let in."""


@router.get("/evidence/{subject_id}", operation_id="get_evidence")
async def get_evidence(
    door: Door,
    project: ProjectPath,
    subject_id: Annotated[UUID, Path(description="A node, or an edge between two.")],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> EvidenceList:
    """The words of documents that state a fact; none for what no language model has found."""
    async with door.connection() as connection:
        await require_project(connection, project)
        found = await evidence_of(connection, project, subject_id, limit + 1)
    return EvidenceList(evidence=found[:limit], truncated=len(found) > limit)
