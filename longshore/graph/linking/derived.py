"""Replacing what a step derived: stored edges become equal to the ones given."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from longshore.graph.db import Connection
from longshore.graph.keys import edge_id


@dataclass(frozen=True)
class DerivedEdge:
    """An edge with the documents that it follows from."""

    kind: str
    source: UUID
    target: UUID
    weight: float | None
    documents: tuple[UUID, ...]

    @property
    def id(self) -> UUID:
        return edge_id(self.kind, self.source, self.target)


@dataclass(frozen=True)
class Bucket:
    """A share of a project's documents, by the first byte of their id: the same share whatever else there is."""

    number: int
    of: int

    def condition(self, column: str) -> str:
        return f"mod(get_byte(uuid_send({column}), 0), {self.of:d}) = {self.number:d}"


async def replace_edges(
    connection: Connection,
    project: str,
    origin: str,
    bucket: Bucket,
    edges: Iterable[DerivedEdge],
    nodes: Collection[tuple[UUID, UUID]] = (),
) -> None:
    """Make the step's edges, and its word on nodes, those given, for the documents of the bucket.

    Args:
        origin: Names the step in provenance.
        nodes: Pairs of a node and a document that asserts it.
    """
    wanted = sorted(edges, key=lambda edge: edge.id)
    provenance = {(edge.id, document) for edge in wanted for document in edge.documents} | set(nodes)
    async with connection.cursor() as writer:
        await writer.execute("create temp table wanted (subject_id uuid, document_id uuid) on commit drop")
        async with writer.copy("copy wanted from stdin (format binary)") as copy:
            copy.set_types(["uuid", "uuid"])
            for row in sorted(provenance):
                await copy.write_row(row)
        await writer.execute("analyze wanted")
        await writer.executemany(
            "insert into edges (project, edge_id, kind, source_id, target_id, weight) values (%s, %s, %s, %s, %s, %s) "
            "on conflict (project, edge_id) do update set weight = excluded.weight "
            "where edges.weight is distinct from excluded.weight",
            [(project, edge.id, edge.kind, edge.source, edge.target, edge.weight) for edge in wanted],
        )
        await writer.execute(
            "delete from provenance p where p.project = %s and p.origin = %s and "
            + bucket.condition("p.document_id")
            + " and not exists (select from wanted w where w.subject_id = p.subject_id "
            "and w.document_id = p.document_id)",
            (project, origin),
        )
        await writer.execute(
            "insert into provenance (project, subject_id, document_id, origin) "
            "select %s, subject_id, document_id, %s from wanted order by subject_id, document_id "
            "on conflict do nothing",
            (project, origin),
        )
        await writer.execute("drop table wanted")


async def sweep(connection: Connection, project: str) -> None:
    """Delete the edges, then the nodes, that no document asserts any more."""
    await connection.execute(
        "delete from edges e where e.project = %s and not exists "
        "(select from provenance p where p.project = e.project and p.subject_id = e.edge_id)",
        (project,),
    )
    await connection.execute(
        "delete from nodes n where n.project = %s and not exists "
        "(select from provenance p where p.project = n.project and p.subject_id = n.node_id)",
        (project,),
    )
