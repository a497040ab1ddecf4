"""What the store knows about projects and their sources, for readers, and what people call them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from longshore.graph.db import Connection


@dataclass(frozen=True)
class ProjectRow:
    project: str
    name: str
    created_at: datetime
    deleting: bool
    documents: int
    sources: int
    open_imports: int
    """Those without a closing record."""


@dataclass(frozen=True)
class SourceRow:
    key: str
    kind: str
    name: str
    created_at: datetime
    items: int
    last_import: str | None
    """Id of the import that was opened last."""


@dataclass(frozen=True)
class SourceExtent:
    """What goes with a source: its items, and what no other source of the project has.

    `blobs` are files, `bytes` their size; they are kept, so that the removal can be undone.
    """

    documents: int
    items: int
    blobs: int
    bytes: int


async def list_projects(connection: Connection, projects: Collection[str] | None) -> list[ProjectRow]:
    """Those of the projects that exist, or all, by key."""
    cursor = await connection.execute(
        """
        select p.project, coalesce(p.name, p.project) as name, p.created_at, p.deleting_at is not null as deleting,
               (select count(*) from documents d where d.project = p.project) as documents,
               (select count(*) from sources s where s.project = p.project and s.removed_at is null) as sources,
               (select count(*) from imports i where i.project = p.project and i.outcome is null) as open_imports
        from projects p
        where position('~' in p.project) = 0 and (%(projects)s::text[] is null or p.project = any(%(projects)s))
        order by p.project collate "C"
        """,
        {"projects": None if projects is None else sorted(projects)},
    )
    return [ProjectRow(**row) for row in await cursor.fetchall()]


async def project_keys(connection: Connection) -> frozenset[str]:
    cursor = await connection.execute("select project from projects where position('~' in project) = 0")
    return frozenset([row["project"] for row in await cursor.fetchall()])


async def rename_project(connection: Connection, project: str, name: str) -> bool:
    """Whether there is such a project."""
    cursor = await connection.execute("update projects set name = %s where project = %s", (name, project))
    return cursor.rowcount > 0


async def is_being_deleted(connection: Connection, project: str) -> bool:
    cursor = await connection.execute(
        "select 1 from projects where project = %s and deleting_at is not null", (project,)
    )
    return await cursor.fetchone() is not None


async def count_items(connection: Connection, project: str) -> int:
    """What all sources of a project assert now."""
    cursor = await connection.execute("select count(*) as items from items where project = %s", (project,))
    row = await cursor.fetchone()
    return int(row["items"]) if row else 0


async def list_sources(connection: Connection, project: str, key: str | None = None) -> list[SourceRow]:
    """The sources of a project, or the one of this key, that have not been removed."""
    cursor = await connection.execute(
        """
        select s.source_key as key, s.kind, s.name, s.created_at,
               (select count(*) from items i where i.project = s.project and i.source_key = s.source_key) as items,
               (select i.import_id from imports i where i.project = s.project and i.source_key = s.source_key
                order by i.opened_at desc, i.import_id desc limit 1) as last_import
        from sources s
        where s.project = %(project)s and s.removed_at is null and (%(key)s::text is null or s.source_key = %(key)s)
        order by s.name, s.source_key collate "C"
        """,
        {"project": project, "key": key},
    )
    return [SourceRow(**row) for row in await cursor.fetchall()]


async def rename_source(connection: Connection, project: str, key: str, name: str) -> bool:
    """Whether there is such a source."""
    cursor = await connection.execute(
        "update sources set name = %s where project = %s and source_key = %s and removed_at is null",
        (name, project, key),
    )
    return cursor.rowcount > 0


async def extent_of_source(connection: Connection, project: str, key: str) -> SourceExtent:
    """What would go if the source were removed."""
    cursor = await connection.execute(
        """
        with mine as (
            select document_id, payload from items where project = %(project)s and source_key = %(key)s
        ), others as (
            select document_id, payload from items where project = %(project)s and source_key <> %(key)s
        ), kept as (
            select distinct a->>'sha256' as sha256 from others, jsonb_array_elements(payload->'attachments') a
        ), files as (
            select distinct on (a->>'sha256') a->>'sha256' as sha256, coalesce((a->>'size')::bigint, 0) as size
            from mine, jsonb_array_elements(payload->'attachments') a
            where a->>'sha256' is not null and not exists (select from kept k where k.sha256 = a->>'sha256')
        )
        select (select count(*) from mine) as items,
               (select count(distinct document_id) from mine m
                where not exists (select from others o where o.document_id = m.document_id)) as documents,
               (select count(*) from files) as blobs,
               (select coalesce(sum(size), 0)::bigint from files) as bytes
        """,
        {"project": project, "key": key},
    )
    row = await cursor.fetchone()
    return SourceExtent(**row) if row else SourceExtent(0, 0, 0, 0)
