"""Documents: held while a batch is written, then described anew from the items that assert them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from longshore.graph import keys
from longshore.graph.db import Connection
from longshore.graph.loose import described_by, front_of
from longshore.graph.metadata import Assertion, describe_document
from longshore.sources.model import Item


async def hold_documents(
    connection: Connection, project: str, documents: Collection[UUID], identities: Mapping[UUID, str] | None = None
) -> None:
    """Lock documents in the order of their ids; writers of one wait in turn.

    Args:
        identities: Of those that are made if they do not exist. One that its last writer deletes just now is seen by
            the insert and gone when its lock is had, so it is made again.
    """
    missing = dict(identities or {})
    while True:
        async with connection.cursor() as writer:
            await writer.executemany(
                "insert into documents (project, document_id, identity, kind, title, metadata) "
                "values (%s, %s, %s, '', '', '{}') on conflict do nothing",
                sorted((project, document, identity) for document, identity in missing.items()),
            )
        cursor = await connection.execute(
            "select document_id from documents where project = %s and document_id = any(%s) "
            "order by document_id for update",
            (project, list(documents)),
        )
        for row in await cursor.fetchall():
            missing.pop(row["document_id"], None)
        if not missing:
            return


async def describe_documents(connection: Connection, project: str, documents: Collection[UUID]) -> None:
    """Derive title and metadata from all asserting items; a document that no item asserts goes."""
    asserted = await _assertions(connection, project, documents)
    async with connection.cursor() as writer:
        await writer.executemany(
            "update documents set kind = %s, title = %s, year = %s, doi = %s, metadata = %s "
            "where project = %s and document_id = %s",
            [
                (
                    row.kind,
                    row.title,
                    row.year,
                    row.doi,
                    json.dumps(row.metadata, sort_keys=True),
                    project,
                    document,
                )
                for document in sorted(asserted)
                for row in [describe_document(asserted[document])]
            ],
        )
    gone = sorted(set(documents) - asserted.keys())
    if gone:
        await _delete_documents(connection, project, gone)


async def _assertions(connection: Connection, project: str, documents: Collection[UUID]) -> dict[UUID, list[Assertion]]:
    cursor = await connection.execute(
        """
        select i.document_id, i.source_key, i.item_key, i.payload,
               array(select jsonb_build_object('title', p.title, 'about', p.about)
                     from document_parts d join parts p using (project, part_id)
                     where d.project = i.project and d.source_key = i.source_key and d.item_key = i.item_key
                       and d.kind = 'attachment' order by d.label collate "C", p.part_id) as fronts
        from items i where i.project = %s and i.document_id = any(%s)
        """,
        (project, list(documents)),
    )
    found: defaultdict[UUID, list[Assertion]] = defaultdict(list)
    for row in await cursor.fetchall():
        fronts = [front_of(front) for front in row["fronts"]]
        found[row["document_id"]].append(
            Assertion(
                keys.item_origin(row["source_key"], row["item_key"]),
                described_by(Item.model_validate(row["payload"]), fronts),
                tuple(front.title for front in fronts if front.title),
            )
        )
    return found


async def _delete_documents(connection: Connection, project: str, documents: list[UUID]) -> None:
    """Edges first, in the order of their ids: the documents at their other ends may be another batch's to delete."""
    await connection.execute(
        """
        with held as (
            select edge_id from edges where project = %(project)s
            and (source_id = any(%(gone)s) or target_id = any(%(gone)s)) order by edge_id for update
        ), lost as (
            delete from edges e using held where e.project = %(project)s and e.edge_id = held.edge_id
            returning e.edge_id
        ) delete from provenance p using lost where p.project = %(project)s and p.subject_id = lost.edge_id
        """,
        {"project": project, "gone": documents},
    )
    await connection.execute(
        "delete from provenance where project = %s and document_id = any(%s)", (project, documents)
    )
    await connection.execute("delete from documents where project = %s and document_id = any(%s)", (project, documents))
