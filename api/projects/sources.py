"""Which of a project's sources something to import is, whatever it is called."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from api.names import ProjectPath
from api.services import Door
from longshore.graph import catalog
from longshore.graph.catalog import SourceMatch

router = APIRouter(prefix="/v1/projects/{project}", tags=["sources"])

# Postgres cannot compare with a NUL.
ItemKey = Annotated[str, StringConstraints(pattern=r"^[^\x00]{1,200}$")]


class MatchRequest(BaseModel):
    kind: Literal["zotero"]
    keys: list[ItemKey] = Field(max_length=20_000)
    """Of the items, as they would be imported."""


class MatchAnswer(BaseModel):
    source: SourceMatch | None


@router.post("/sources:match", operation_id="match_source")
async def match_source(door: Door, project: ProjectPath, request: MatchRequest) -> MatchAnswer:
    """The one known source that has at least half of these items; null where none or several have."""
    async with door.connection() as connection:
        return MatchAnswer(source=await catalog.matching_source(connection, project, request.kind, request.keys))
