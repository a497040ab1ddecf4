"""Which embedder a project uses, and which of its vectors search does: those of the newest model that has them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from longshore.embedding.choosing import OFFLINE
from longshore.graph import keys
from longshore.graph.db import Connection


@dataclass(frozen=True)
class Index:
    """The vectors that search uses. Both are None for the offline embedder's."""

    embedder: str | None
    model: str | None


async def choose_embedder(connection: Connection, project: str, asked: str | None, default: str | None) -> str:
    """The embedder that a project's imports use from now on.

    Args:
        asked: What an import was told to use; decides for the project.
        default: For a project that has not been told yet.
    """
    cursor = await connection.execute(
        "update projects set embedder = coalesce(%s, embedder, %s) where project = %s returning embedder",
        (asked, default or OFFLINE, project),
    )
    row = await cursor.fetchone()
    return str(row["embedder"]) if row else OFFLINE


async def note_embedder(connection: Connection, project: str, import_id: str, embedder: str) -> None:
    await connection.execute(
        "update imports set embedder = nullif(%s, %s) where project = %s and import_id = %s",
        (embedder, OFFLINE, project, import_id),
    )


async def embedder_of(connection: Connection, project: str, import_id: str) -> str | None:
    """What an import embeds with; None for the offline embedder."""
    cursor = await connection.execute(
        "select embedder from imports where project = %s and import_id = %s", (project, import_id)
    )
    row = await cursor.fetchone()
    return row["embedder"] if row else None


async def searched(connection: Connection, project: str) -> Index:
    cursor = await connection.execute("select index_embedder, index_model from projects where project = %s", (project,))
    row = await cursor.fetchone()
    return Index(row["index_embedder"], row["index_model"]) if row else Index(None, None)


async def switch_when_complete(connection: Connection, project: str, embedder: str | None, model: str) -> bool:
    """Let search use an embedder's vectors if every passage that it can find has one. False if some have none yet."""
    cursor = await connection.execute(
        "update projects set index_embedder = %(embedder)s, index_model = %(model)s where project = %(project)s "
        "and not exists (select from document_parts d join chunks c using (project, part_id) "
        "where d.project = %(project)s and not exists "
        "(select from embeddings e where e.text_hash = c.text_hash and e.model = %(model)s))",
        {"embedder": embedder, "model": model, "project": project},
    )
    return cursor.rowcount > 0


async def count_without_vector(connection: Connection, project: str, model: str) -> int:
    """How many passages that search can find have no vector of a model, each once."""
    cursor = await connection.execute(
        "select count(distinct c.text_hash) as passages from document_parts d join chunks c using (project, part_id) "
        "where d.project = %(project)s and not exists "
        "(select from embeddings e where e.text_hash = c.text_hash and e.model = %(model)s)",
        {"project": project, "model": model},
    )
    row = await cursor.fetchone()
    return row["passages"] if row else 0


async def without_vector(
    connection: Connection, project: str, model: str, after: UUID | None, most: int
) -> list[tuple[UUID, str]]:
    """Hash and text of passages of the project's documents that have no vector of a model, by hash, from one hash on.

    Args:
        after: Only those after this one.
    """
    await keys.rely_on_derived(connection)
    cursor = await connection.execute(
        "select distinct on (c.text_hash) c.text_hash, c.text from chunks c "
        "where c.project = %(project)s and (%(after)s::uuid is null or c.text_hash > %(after)s) "
        "and exists (select from document_parts d where d.project = c.project and d.part_id = c.part_id) "
        "and not exists (select from embeddings e where e.text_hash = c.text_hash and e.model = %(model)s) "
        "order by c.text_hash limit %(most)s",
        {"project": project, "model": model, "after": after, "most": most},
    )
    return [(row["text_hash"], row["text"]) for row in await cursor.fetchall()]


async def lacking(
    connection: Connection, project: str, model: str, first: UUID, last: UUID, part_ids: Sequence[UUID] | None
) -> list[tuple[UUID, str]]:
    """Hash and text of passages without a vector of a model, from one hash to another, by hash, each once.

    Args:
        part_ids: Only those of these parts.
    """
    await keys.rely_on_derived(connection)
    cursor = await connection.execute(
        "select distinct on (c.text_hash) c.text_hash, c.text from chunks c "
        "where c.project = %(project)s and c.text_hash between %(first)s and %(last)s "
        "and (%(parts)s::uuid[] is null or c.part_id = any(%(parts)s)) and not exists "
        "(select from embeddings e where e.text_hash = c.text_hash and e.model = %(model)s) order by c.text_hash",
        {
            "project": project,
            "model": model,
            "first": first,
            "last": last,
            "parts": None if part_ids is None else list(part_ids),
        },
    )
    return [(row["text_hash"], row["text"]) for row in await cursor.fetchall()]
