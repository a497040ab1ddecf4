"""Documents: the list of them, and one with its passages."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.graph.choosing import Chosen, Words
from api.graph.known import require_project
from api.imports.pages import invalid_token, page_token, position_of
from api.names import ProjectPath
from api.problems import Problem
from api.services import Door
from longshore.graph.reading import Document, ListedDocument, Place, list_documents, read_document

router = APIRouter()


class DocumentPage(BaseModel):
    documents: list[ListedDocument]
    next_page_token: str | None


@router.get("/documents", operation_id="list_documents")
async def get_documents(
    door: Door,
    project: ProjectPath,
    filters: Chosen,
    q: Annotated[
        Words | None, Query(description="Words, or parts of words, that title and names of creators hold together.")
    ] = None,
    page_size: Annotated[int, Query(ge=1, le=1000)] = 100,
    page_token: Annotated[str | None, Query(max_length=4000)] = None,
) -> DocumentPage:
    """Documents by title."""
    after = _place(page_token) if page_token is not None else None
    async with door.connection() as connection:
        await require_project(connection, project)
        found = await list_documents(connection, project, q, filters, after, page_size + 1)
    return DocumentPage(
        documents=[document for _, document in found[:page_size]],
        next_page_token=_token(found[page_size - 1][0]) if len(found) > page_size else None,
    )


@router.get("/documents/{document_id}", operation_id="get_document")
async def get_document(door: Door, project: ProjectPath, document_id: UUID) -> Document:
    """A document with its texts, passage by passage, with page and offsets, and the items that assert it."""
    async with door.connection() as connection:
        await require_project(connection, project)
        document = await read_document(connection, project, document_id)
    if document is None:
        raise Problem(
            404,
            "document_not_found",
            f"Project {project} has no document {document_id}.",
            "What no source asserts any more is gone: list the documents again.",
        )
    return document


def _token(place: Place) -> str:
    return page_token(place.title, str(place.id))


def _place(token: str) -> Place:
    title, identifier = position_of(token, str, str)
    try:
        title.encode()
        place = Place(title, UUID(identifier))
    except ValueError as error:
        raise invalid_token() from error
    if "\0" in title:
        raise invalid_token()
    return place
