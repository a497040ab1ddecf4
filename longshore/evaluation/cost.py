"""What a graph took to make, and what it takes to keep."""

from __future__ import annotations

from dataclasses import dataclass

from longshore.graph.db import Connection
from longshore.providers.tokens import BYTES_PER_TOKEN


@dataclass(frozen=True)
class Cost:
    chunks: int
    texts: int
    """Different passages: each is embedded once."""
    tokens: int
    """Of these, estimated, as if none had been embedded before."""
    bytes: int
    """Of passages, their index words and their vectors, as the database stores them."""


async def measure(connection: Connection, project: str, model: str) -> Cost:
    cursor = await connection.execute(
        """
        with shown as (
            select c.text_hash, c.text, pg_column_size(c.*) as size from chunks c
            where c.project = %(project)s and exists
              (select from document_parts d where d.project = c.project and d.part_id = c.part_id)
        ), texts as (
            select text_hash, min(octet_length(text)) as length from shown group by text_hash
        )
        select (select count(*) from shown) as chunks, count(*) as texts,
               coalesce(sum(ceil(length::float8 / %(bytes_per_token)s)), 0)::bigint as tokens,
               coalesce((select sum(size) from shown), 0)::bigint
                 + coalesce(sum(pg_column_size(e.*)), 0)::bigint as bytes
        from texts left join embeddings e on e.text_hash = texts.text_hash and e.model = %(model)s
        """,
        {"project": project, "model": model, "bytes_per_token": BYTES_PER_TOKEN},
    )
    row = await cursor.fetchone()
    return Cost(**row) if row else Cost(0, 0, 0, 0)
