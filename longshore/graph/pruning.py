"""Dropping texts and earlier versions that nothing needs any more, once the files that are needed have been found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from longshore.graph import keys
from longshore.graph.db import Connection

_VERSIONS_AT_ONCE = 5000
_ANSWERS_AT_ONCE = 5000
_TEXTS_AT_ONCE = 100
"""With their passages."""

_VERSIONS = """
    delete from item_versions where ctid = any(array(
        select v.ctid from item_versions v join imports i on i.project = v.project and i.import_id = v.replaced_by
        where v.project = %(project)s and i.closed_at <= %(since)s limit %(most)s))
"""

_TEXTS = """
    delete from parts where ctid = any(array(
        select p.ctid from parts p
        where p.project = %(project)s
          and not exists (select from document_parts d where d.project = p.project and d.part_id = p.part_id)
          and not exists (select from needed_blobs n where n.sha256 = p.sha256)
          and not exists (select from imports i where i.project = p.project and i.outcome is null)
        limit %(most)s))
"""
"""Texts that no document shows: read by an import that was ended before it wrote them, or of a document that has gone.

What an open import has read is not shown either, so none is dropped while there is one.
"""


_ANSWERS = """
    delete from llm_answers where ctid = any(array(
        select a.ctid from llm_answers a
        where not exists (select from chunks c where c.text_hash = a.text_hash) limit %(most)s))
"""
"""Of language models, about passages that nobody has any more: they quote them."""


async def prune(connection: Connection, project: str, since: datetime) -> AsyncIterator[int]:
    """Drop what an undo would put back of imports that closed before `since`, and texts; yield how many, step by step.

    The vectors of passages stay: they are kept by content and belong to no project.

    Args:
        connection: One that has the table of needed files (longshore/graph/collecting.py).
    """
    steps = ((_VERSIONS, _VERSIONS_AT_ONCE), (_TEXTS, _TEXTS_AT_ONCE), (_ANSWERS, _ANSWERS_AT_ONCE))
    for statement, most in steps:
        dropped = most
        while dropped == most:
            # No import begins before the commit: it would take a text for read that is about to go.
            await connection.execute("select from projects where project = %s for no key update", (project,))
            await keys.may_delete_derived(connection)
            cursor = await connection.execute(statement, {"project": project, "since": since, "most": most})
            dropped = cursor.rowcount
            await connection.commit()
            yield dropped
