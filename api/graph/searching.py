"""Passages that answer a query."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Parameter
from pydantic import BaseModel

from api.graph.choosing import Chosen, Words
from api.graph.known import require_project
from api.graph.querying import Query
from api.names import ProjectPath
from api.services import Door
from longshore.graph.db import see_one_state
from longshore.graph.indexes import Index, searched
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
    q: Annotated[Words, Parameter(min_length=1, description="What is asked for, in any language.")],
    limit: Annotated[int, Parameter(ge=1, le=100)] = 10,
) -> SearchResults:
    """Passages of the project's documents by words and by meaning, the best first, each with why it was found."""
    asked: tuple[Index, Query] | None = None
    while True:
        async with door.connection() as connection:
            await see_one_state(connection)
            await require_project(connection, project)
            index = await searched(connection, project)
            if asked and asked[0] == index:
                query = asked[1]
                results = await search(connection, Scope(project, filters), q, query.vector, query.model, limit)
                return SearchResults(results=results, warning=query.warning)
        # No connection is kept while a provider is asked. By then it may be another index: a variant was promoted.
        asked = index, await door.embedder.embed(q, index)
