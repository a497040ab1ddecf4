"""Storing what items assert, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from longshore.graph.assertions import Asserted
from longshore.graph.db import Connection


async def withdraw_assertions(connection: Connection, project: str, origins: Sequence[str]) -> None:
    """Take back an item's word. What nobody asserts any more is swept while linking, when no writer is about."""
    await connection.execute("delete from provenance where project = %s and origin = any(%s)", (project, list(origins)))


async def store_assertions(
    connection: Connection, project: str, assertions: Iterable[tuple[str, UUID, Asserted]]
) -> None:
    """Rows go in sorted by key, so that overlapping writers wait for each other instead of deadlocking."""
    nodes: set[tuple[Any, ...]] = set()
    edges: set[tuple[Any, ...]] = set()
    provenance: set[tuple[Any, ...]] = set()
    for origin, document, asserted in assertions:
        nodes |= {(project, node.id, node.kind, node.key, node.name) for node in asserted.nodes}
        edges |= {(project, edge.id, edge.kind, edge.source, edge.target) for edge in asserted.edges}
        subjects = {node.id for node in asserted.nodes} | {edge.id for edge in asserted.edges}
        provenance |= {(project, subject, document, origin) for subject in subjects}
    await _insert(connection, "nodes (project, node_id, kind, key, name)", "text, uuid, text, text, text", nodes)
    await _insert(
        connection, "edges (project, edge_id, kind, source_id, target_id)", "text, uuid, text, uuid, uuid", edges
    )
    await _insert(
        connection, "provenance (project, subject_id, document_id, origin)", "text, uuid, uuid, text", provenance
    )


async def _insert(connection: Connection, table: str, types: str, rows: set[tuple[Any, ...]]) -> None:
    """Insert the rows that are not there yet, in their order and with one statement."""
    if rows:
        arrays = ", ".join(f"%s::{kind}[]" for kind in types.split(", "))
        columns = [list(column) for column in zip(*sorted(rows), strict=True)]
        await connection.execute(
            f"insert into {table} select * from unnest({arrays}) on conflict do nothing".encode(), columns
        )
