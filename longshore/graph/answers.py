"""Answers of language models about passages: the first one is kept, and facts follow from it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from longshore.extraction.answers import derive
from longshore.extraction.chat import ChatExtractor, RawAnswer
from longshore.extraction.choosing import OFFLINE
from longshore.extraction.facts import Facts
from longshore.graph import keys
from longshore.graph.db import Connection
from longshore.graph.keys import edge_id, node_id

Passage = tuple[UUID, str]
"""Hash and text."""

_UNANSWERED = (
    "not exists (select from llm_answers a where a.text_hash = c.text_hash and a.model = %(model)s "
    "and a.prompt_version = %(prompt)s) and not exists (select from fallback_answers o "
    "where o.project = c.project and o.text_hash = c.text_hash and o.instead_of = %(model)s || '/' || %(prompt)s)"
)
"""Neither by this extractor nor, in this project, by its fallback."""


async def choose_extractor(
    connection: Connection, project: str, import_id: str, asked: str | None, default: str
) -> str:
    """The extractor that a project's imports use from now on, and this one of them.

    Args:
        asked: What the import was told to use; decides for the project.
        default: For a project that has not been told yet.
    """
    cursor = await connection.execute(
        "update projects set extractor = coalesce(%s, extractor, %s) where project = %s returning extractor",
        (asked, default, project),
    )
    row = await cursor.fetchone()
    extractor = str(row["extractor"]) if row else OFFLINE
    await connection.execute(
        "update imports set extractor = nullif(%s, %s) where project = %s and import_id = %s",
        (extractor, OFFLINE, project, import_id),
    )
    return extractor


async def show_facts(connection: Connection, project: str, extractor: ChatExtractor | None) -> bool:
    """Let the project show what this extractor was answered. Whether its graph is not made of that yet."""
    by = extractor.name if extractor else None
    cursor = await connection.execute(
        "update projects set facts_by = %s where project = %s returning facts_by is distinct from facts_linked as new",
        (by, project),
    )
    row = await cursor.fetchone()
    if row and row["new"]:
        return True
    return extractor is not None and bool(await unanswered_in_project(connection, project, extractor, None, 1))


async def extractor_of(connection: Connection, project: str, import_id: str) -> str | None:
    """What an import asks; None for nobody."""
    cursor = await connection.execute(
        "select extractor from imports where project = %s and import_id = %s", (project, import_id)
    )
    row = await cursor.fetchone()
    return row["extractor"] if row else None


async def unanswered(
    connection: Connection,
    project: str,
    part_ids: Sequence[UUID],
    extractor: ChatExtractor,
    after: UUID | None,
    most: int,
) -> list[Passage]:
    """Passages of these texts that this extractor has not been answered about, each once, by hash, from one hash on."""
    await keys.rely_on_derived(connection)
    cursor = await connection.execute(
        "select distinct on (c.text_hash) c.text_hash, c.text from chunks c "
        "where c.project = %(project)s and c.part_id = any(%(parts)s) "
        "and (%(after)s::uuid is null or c.text_hash > %(after)s) "
        f"and {_UNANSWERED} order by c.text_hash limit %(most)s",
        {"project": project, "parts": list(part_ids), "after": after, "most": most, **_by(extractor)},
    )
    return [(row["text_hash"], row["text"]) for row in await cursor.fetchall()]


async def unanswered_in_project(
    connection: Connection, project: str, extractor: ChatExtractor, after: UUID | None, most: int
) -> list[Passage]:
    """The same of all that the project's documents show, from one hash on."""
    await keys.rely_on_derived(connection)
    cursor = await connection.execute(
        "select distinct on (c.text_hash) c.text_hash, c.text from chunks c "
        "where c.project = %(project)s and (%(after)s::uuid is null or c.text_hash > %(after)s) "
        "and exists (select from document_parts d where d.project = c.project and d.part_id = c.part_id) "
        f"and {_UNANSWERED} order by c.text_hash limit %(most)s",
        {"project": project, "after": after, "most": most, **_by(extractor)},
    )
    return [(row["text_hash"], row["text"]) for row in await cursor.fetchall()]


async def to_ask(connection: Connection, project: str, text_hash: UUID, extractor: ChatExtractor) -> str | None:
    """The text of a passage, unless there is an answer about it, or the passage has gone."""
    await keys.rely_on_derived(connection)
    cursor = await connection.execute(
        f"select c.text from chunks c where c.project = %(project)s and c.text_hash = %(hash)s and {_UNANSWERED} "
        "limit 1",
        {"project": project, "hash": text_hash, **_by(extractor)},
    )
    row = await cursor.fetchone()
    return row["text"] if row else None


async def store_answer(
    connection: Connection, extractor: ChatExtractor, text_hash: UUID, passage: str, answer: RawAnswer
) -> None:
    """Keep an answer with what follows from it, in the caller's transaction. A second one changes nothing."""
    cursor = await connection.execute(
        "insert into llm_answers (text_hash, model, prompt_version, content, provider, answered_by, tokens_in, "
        "tokens_out) values (%(hash)s, %(model)s, %(prompt)s, %(content)s, %(provider)s, %(answered_by)s, %(in)s, "
        "%(out)s) on conflict do nothing",
        {
            "hash": text_hash,
            "content": answer.content.replace("\0", " "),
            "provider": extractor.provider.id,
            "answered_by": answer.answered_by.replace("\0", " "),
            "in": answer.tokens_in,
            "out": answer.tokens_out,
            **_by(extractor),
        },
    )
    if not cursor.rowcount:
        return
    rows = [
        (text_hash, extractor.model, extractor.prompt_version, *row)
        for row in _rows(derive(answer.content.replace("\0", " "), passage))
    ]
    async with connection.cursor() as writer:
        await writer.executemany(
            "insert into facts (text_hash, model, prompt_version, subject_id, kind, key, name, source_id, target_id, "
            "start_offset, end_offset) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


async def store_failure(connection: Connection, extractor: ChatExtractor, text_hash: UUID, why: str) -> None:
    """Keep that no answer about a passage could be used, so that it is not paid for again by each import."""
    await connection.execute(
        "insert into llm_answers (text_hash, model, prompt_version, failure, provider) "
        "values (%(hash)s, %(model)s, %(prompt)s, %(why)s, %(provider)s) on conflict do nothing",
        {"hash": text_hash, "why": why[:2000], "provider": extractor.provider.id, **_by(extractor)},
    )


async def forget_failures(connection: Connection, project: str, extractor: ChatExtractor) -> None:
    """Let passages of a project be asked about again whose answers could not be used."""
    await connection.execute(
        "delete from llm_answers a where a.model = %(model)s and a.prompt_version = %(prompt)s and a.content is null "
        "and exists (select from chunks c where c.project = %(project)s and c.text_hash = a.text_hash)",
        {"project": project, **_by(extractor)},
    )


def _by(extractor: ChatExtractor) -> dict[str, str]:
    return {"model": extractor.model, "prompt": extractor.prompt_version}


def _rows(facts: Facts) -> list[tuple[Any, ...]]:
    """Nodes, then edges, without what says whose they are."""
    nodes = {entity.key: node_id(entity.kind, entity.key) for entity in facts.entities}
    rows: list[tuple[Any, ...]] = [
        (nodes[entity.key], entity.kind, entity.key, entity.name, None, None, entity.start, entity.end)
        for entity in facts.entities
    ]
    for relation in facts.relations:
        ends = nodes[relation.source], nodes[relation.target]
        rows.append((edge_id(relation.kind, *ends), relation.kind, None, None, *ends, relation.start, relation.end))
    return rows
