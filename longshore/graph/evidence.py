"""The words by which passages state a fact."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from longshore.graph.db import Connection


class Evidence(BaseModel):
    """A passage that states the fact. Offsets count Unicode characters in the text of the part."""

    document_id: UUID
    title: str
    part_id: UUID
    ordinal: int
    """Of the passage."""
    page: int | None
    start: int
    end: int
    words: str
    """As the text has them."""
    provider: str
    model: str
    """That found them."""
    by_fallback: bool
    """It was asked in the place of the project's own, which was away."""


async def evidence_of(connection: Connection, project: str, subject: UUID, limit: int) -> list[Evidence]:
    """Where the documents of a project state a node, or a relation between two, as a language model has read them; by
    title."""
    cursor = await connection.execute(
        """
        select d.document_id, d.title, c.part_id, c.ordinal, c.page, c.start_offset + f.start_offset as start,
               c.start_offset + f.end_offset as end, a.provider, f.model, f.by_fallback,
               substr(c.text, f.start_offset + 1, f.end_offset - f.start_offset) as words
        from shown_facts f join llm_answers a using (text_hash, model, prompt_version)
        join chunks c on c.project = f.project and c.text_hash = f.text_hash
        join (select distinct project, document_id, part_id from document_parts where project = %(project)s) s
            on s.part_id = c.part_id
        join documents d on d.project = s.project and d.document_id = s.document_id
        where f.project = %(project)s and f.subject_id = %(subject)s
        order by lower(d.title) collate "C", d.document_id, c.part_id, c.ordinal limit %(limit)s
        """,
        {"project": project, "subject": subject, "limit": limit},
    )
    return [Evidence(**row) for row in await cursor.fetchall()]
