"""Questions for a graph, from what it holds or from those that somebody gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from longshore.errors import InvalidSource
from longshore.evaluation.language import language_of
from longshore.evaluation.questions import Question, Readable, SentenceLots, Text, draw_titles
from longshore.graph.db import Connection

MOST_GIVEN = 2000
_DOCUMENTS_READ = 1000
"""From which sentences are drawn."""

_SHOWN = "exists (select from document_parts p where p.project = d.project and p.document_id = d.document_id)"

Line = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class GivenQuestion(BaseModel):
    """A line of a file of questions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Line
    document: Line
    """That answers it: its title, its DOI, or its identity."""
    quote: Line | None = None
    """What the passage says that answers it; any passage of the document does where this is left out."""


async def draw(connection: Connection, project: str, each: int, seed: int) -> list[Question]:
    """Titles and sentences of the project's documents: up to so many of each, in each language."""
    cursor = await connection.execute(
        f"select d.document_id, d.identity, d.title from documents d where d.project = %s and {_SHOWN} order by 2",
        (project,),
    )
    rows = await cursor.fetchall()
    titles = [(row["document_id"], row["identity"], row["title"]) for row in rows]
    lots = SentenceLots(each, seed)
    async for document in _read(connection, project, seed):
        lots.read(document)
    return draw_titles(titles, each, seed) + lots.drawn()


def read_given(content: bytes) -> list[GivenQuestion]:
    """Lines of JSON, each a question with the document that answers it.

    Raises:
        InvalidSource: `bad_questions`.
    """
    found: list[GivenQuestion] = []
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(GivenQuestion.model_validate(json.loads(line)))
        except (ValueError, ValidationError) as error:
            reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "it is not JSON"
            raise _bad(f"line {number} of the questions cannot be read: {reason}") from error
    if not 1 <= len(found) <= MOST_GIVEN:
        raise _bad(f"there are {len(found)} questions; 1 to {MOST_GIVEN} can be asked")
    return found


async def place_given(connection: Connection, project: str, given: list[GivenQuestion]) -> list[Question]:
    """The given questions, each with its document.

    Raises:
        InvalidSource: `question_without_document` where a document is not there, or more than one is meant.
    """
    placed = []
    for asked in given:
        cursor = await connection.execute(
            "select document_id from documents where project = %(project)s and (identity = %(name)s or "
            "doi = lower(%(name)s) or lower(title) = lower(%(name)s)) limit 2",
            {"project": project, "name": asked.document},
        )
        rows = await cursor.fetchall()
        if len(rows) != 1:
            raise InvalidSource(
                "question_without_document",
                f"{'no' if not rows else 'more than one'} document is called {asked.document!r}",
                "Name the documents of your questions by their whole title or their DOI.",
            )
        document_id: UUID = rows[0]["document_id"]
        language = language_of(asked.question)
        placed.append(Question("given", language, asked.question, document_id, quote=asked.quote))
    return placed


async def _read(connection: Connection, project: str, seed: int) -> AsyncIterator[Readable]:
    """Documents by lot, each with the prose of its files and its abstract, put together again from its passages."""
    cursor = await connection.execute(
        f"select d.document_id, d.identity, d.title from documents d where d.project = %s and {_SHOWN} "
        "order by sha256(convert_to(%s || d.identity, 'UTF8')) limit %s",
        (project, f"{seed}/", _DOCUMENTS_READ),
    )
    for document in await cursor.fetchall():
        cursor = await connection.execute(
            "select distinct p.sha256, c.ordinal, c.start_offset, c.text "
            "from document_parts d join parts p using (project, part_id) join chunks c using (project, part_id) "
            "where d.project = %s and d.document_id = %s and d.kind <> 'note' and c.prose is null "
            "order by p.sha256, c.ordinal",
            (project, document["document_id"]),
        )
        rows = groupby(await cursor.fetchall(), key=lambda row: str(row["sha256"]))
        yield Readable(**document, texts=[Text(sha256, _whole(passages)) for sha256, passages in rows])


def _whole(passages: Any) -> str:
    """The text that passages were cut from: only white space is missing between them."""
    text = ""
    for passage in passages:
        gap = passage["start_offset"] - len(text)
        text += ("\n\n" if gap > 1 else "\n")[:gap].rjust(gap) + passage["text"]
    return text


def _bad(message: str) -> InvalidSource:
    return InvalidSource("bad_questions", message, 'A line is {"question": "…", "document": "its title or DOI"}.')
