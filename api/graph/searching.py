"""Passages that answer a query."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.graph.choosing import Chosen, Words
from api.graph.known import require_project
from api.names import ProjectPath
from api.services import Door
from longshore.graph.indexes import searched
from longshore.graph.ranking import Scope
from longshore.graph.search import Passage, search

router = APIRouter()


class SearchResults(BaseModel):
    results: list[Passage]
    warning: str | None = None
    """Why the passages were compared by their words only, where they should have been by meaning, too."""


@router.get("/search", operation_id="search_passages")
async def search_passages(
    door: Door,
    project: ProjectPath,
    filters: Chosen,
    q: Annotated[Words, Query(min_length=1, description="What is asked for, in any language.")],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> SearchResults:
    """Passages of the project's documents by words and by meaning, the best first, each with why it was found."""
    async with door.connection() as connection:
        await require_project(connection, project)
        index = await searched(connection, project)
    query = await door.embedder.embed(q, index)
    async with door.connection() as connection:
        results = await search(connection, Scope(project, filters), q, query.vector, query.model, limit)
    return SearchResults(results=results, warning=query.warning)
