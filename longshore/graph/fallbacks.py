"""What a fallback did while another provider was away: marked, so that it can be told apart and done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from longshore.extraction.chat import ChatExtractor
from longshore.graph.db import Connection

REASONS_TOLD = 10
OTHER_REASONS = "Other answers that could not be used."


@dataclass(frozen=True)
class WithoutFacts:
    """Passages about which no answer could be used, for one reason."""

    provider: str
    message: str
    passages: int


async def stand_in(
    connection: Connection,
    project: str,
    import_id: str,
    text_hash: UUID,
    own: ChatExtractor,
    fallback: ChatExtractor,
) -> None:
    """Let a project show the fallback's answer about a passage, if there is one and none of its own extractor's.

    Where both serve the same model, whose answer it is follows from who gave it.
    """
    await connection.execute(
        """
        insert into fallback_answers (project, text_hash, instead_of, model, prompt_version, import_id)
        select %(project)s, text_hash, %(own)s, model, prompt_version, %(import_id)s from llm_answers
        where text_hash = %(hash)s and model = %(model)s and prompt_version = %(prompt)s
          and (%(own)s <> %(fallback)s or provider <> %(own_provider)s)
          and not exists (select from llm_answers a where a.text_hash = %(hash)s
                          and a.model = %(own_model)s and a.prompt_version = %(own_prompt)s and %(own)s <> %(fallback)s)
        on conflict do nothing
        """,
        {
            "project": project,
            "import_id": import_id,
            "hash": text_hash,
            "own": own.name,
            "own_provider": own.provider.id,
            "own_model": own.model,
            "own_prompt": own.prompt_version,
            "fallback": fallback.name,
            "model": fallback.model,
            "prompt": fallback.prompt_version,
        },
    )


async def stands_in(connection: Connection, project: str, import_id: str, text_hash: UUID, own: ChatExtractor) -> bool:
    """Whether an import has let the fallback's answer about a passage stand in."""
    cursor = await connection.execute(
        "select from fallback_answers where project = %s and import_id = %s and text_hash = %s and instead_of = %s",
        (project, import_id, text_hash, own.name),
    )
    return await cursor.fetchone() is not None


async def give_way(connection: Connection, project: str, text_hash: UUID, own: ChatExtractor) -> None:
    """Show the extractor's own answer about a passage again, now that there is one."""
    await connection.execute(
        "delete from fallback_answers where project = %s and text_hash = %s and instead_of = %s",
        (project, text_hash, own.name),
    )


async def ask_anew(connection: Connection, project: str, own: ChatExtractor) -> None:
    """Let the extractor be asked about all passages of a project that only its fallback has answered."""
    await connection.execute(
        "delete from llm_answers a using fallback_answers o where o.project = %s and o.instead_of = %s "
        "and a.text_hash = o.text_hash and a.model = o.model and a.prompt_version = o.prompt_version "
        "and a.content is null",
        (project, own.name),
    )
    await connection.execute("delete from fallback_answers where project = %s and instead_of = %s", (project, own.name))


async def count_passages(connection: Connection, project: str, import_id: str) -> Mapping[str, int]:
    """How many passages fallbacks have answered or embedded for an import, by the fallback."""
    cursor = await connection.execute(
        """
        select a.provider, count(*) as passages from fallback_answers o
        join llm_answers a using (text_hash, model, prompt_version)
        where o.project = %(project)s and o.import_id = %(import_id)s and a.content is not null group by a.provider
        union all
        select provider, sum(passages) from provider_usage
        where project = %(project)s and import_id = %(import_id)s and passages > 0 group by provider
        """,
        {"project": project, "import_id": import_id},
    )
    return {row["provider"]: int(row["passages"]) for row in await cursor.fetchall()}


async def without_facts(connection: Connection, project: str, import_id: str) -> list[WithoutFacts]:
    """Of what the items of an import say, the passages that have no facts because no answer could be used; the most
    frequent reason first."""
    cursor = await connection.execute(
        """
        select a.provider, a.failure as message, count(distinct a.text_hash) as passages
        from projects p
        join llm_answers a on a.content is null
        left join fallback_answers o
            on o.project = p.project and o.text_hash = a.text_hash and o.instead_of = p.facts_by
        where p.project = %(project)s
          and a.model || '/' || a.prompt_version = coalesce(o.model || '/' || o.prompt_version, p.facts_by)
          and exists (
            select from chunks c join document_parts d using (project, part_id)
            join imports m on m.project = d.project and m.source_key = d.source_key and m.import_id = %(import_id)s
            join import_items i on i.project = m.project and i.import_id = m.import_id and i.item_key = d.item_key
            where c.project = p.project and c.text_hash = a.text_hash)
        group by a.provider, a.failure order by passages desc, a.provider, a.failure
        """,
        {"project": project, "import_id": import_id},
    )
    found = [WithoutFacts(**row) for row in await cursor.fetchall()]
    told, rest = found[:REASONS_TOLD], found[REASONS_TOLD:]
    if rest:
        told.append(WithoutFacts(rest[0].provider, OTHER_REASONS, sum(one.passages for one in rest)))
    return told
