"""What the store knows about imports and their items, for readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from longshore import codes
from longshore.graph.db import Connection

_IMPORT_COLUMNS = (
    "project, import_id, source_key, submission, aliases, attempt, run_id, outcome, record, planned_at, opened_at, "
    "closed_at, run_lost_at"
)

Place = tuple[datetime, str, str]
"""Of an import in a list: its time, project and id."""


@dataclass(frozen=True)
class ImportRow:
    """An import that was opened. `outcome` and `record` are set once it has closed."""

    project: str
    import_id: str
    source_key: str
    submission: Mapping[str, Any]
    aliases: list[str]
    attempt: int
    run_id: str
    """Of the run that opened or closed it."""
    outcome: str | None
    record: Mapping[str, Any] | None
    planned_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    run_lost_at: datetime | None = None
    """When Temporal's database was lost or put back while it was open, so that its run may be gone."""


@dataclass(frozen=True)
class ItemRow:
    ordinal: int
    key: str
    title: str
    change: str
    state: str
    code: str | None
    detail: str | None
    attempts: int
    attachments: list[dict[str, Any]]
    document_id: UUID | None
    renamed_from: str | None


@dataclass(frozen=True)
class ItemChoice:
    """Which items to list; None and False choose all."""

    state: str | None = None
    """`failed` chooses items that failed and those of which an attachment failed."""
    code: str | None = None
    """Of the item or of one of its attachments."""
    problems: bool = False
    """Only items that failed, that were skipped for a reason of their own, or of which a file was not read."""
    change: str | None = None


@dataclass(frozen=True)
class SourceMatch:
    """A known source that has `shared` of the `of` items that were asked about."""

    key: str
    kind: str
    name: str
    shared: int
    of: int


async def find_import(connection: Connection, project: str, import_id: str) -> ImportRow | None:
    """The import with this id, or the one that it attached to as an equal submission."""
    cursor = await connection.execute(
        f"select {_IMPORT_COLUMNS} from imports where project = %(project)s "
        "and (import_id = %(id)s or aliases @> array[%(id)s]) order by import_id <> %(id)s limit 1",
        {"project": project, "id": import_id},
    )
    row = await cursor.fetchone()
    return ImportRow(**row) if row else None


async def import_by_key(connection: Connection, project: str, idempotency_key: str) -> str | None:
    """Id of an import of the project that was asked for under this key."""
    cursor = await connection.execute(
        "select import_id from imports where project = %s and submission->>'idempotency_key' = %s "
        "order by import_id limit 1",
        (project, idempotency_key),
    )
    row = await cursor.fetchone()
    return row["import_id"] if row else None


async def closed_imports(
    connection: Connection,
    projects: Collection[str] | None,
    *,
    outcomes: Collection[str] | None,
    kind: str | None,
    before: Place | None,
    limit: int,
) -> list[ImportRow]:
    """Imports that have a closing record, those that were opened last first; None chooses all.

    Args:
        before: Where the page before ended.
    """
    cursor = await connection.execute(
        f"select {_IMPORT_COLUMNS} from imports where outcome is not null and position('~' in project) = 0 "
        "and (%(projects)s::text[] is null or project = any(%(projects)s)) "
        "and (%(outcomes)s::text[] is null or outcome = any(%(outcomes)s)) "
        "and (%(kind)s::text is null or split_part(source_key, '.', 1) = %(kind)s) "
        "and (%(at)s::timestamptz is null or (opened_at, project, import_id) < (%(at)s, %(project)s, %(id)s)) "
        "order by opened_at desc, project desc, import_id desc limit %(limit)s",
        {
            "projects": _listed(projects),
            "outcomes": _listed(outcomes),
            "kind": kind,
            "at": before[0] if before else None,
            "project": before[1] if before else None,
            "id": before[2] if before else None,
            "limit": limit,
        },
    )
    return [ImportRow(**row) for row in await cursor.fetchall()]


async def closed_since(connection: Connection, since: datetime, limit: int) -> list[ImportRow]:
    """Imports that closed after that moment, the last first."""
    cursor = await connection.execute(
        f"select {_IMPORT_COLUMNS} from imports where closed_at > %s "
        "and position('~' in project) = 0 order by closed_at desc limit %s",
        (since, limit),
    )
    return [ImportRow(**row) for row in await cursor.fetchall()]


async def open_imports(connection: Connection, projects: Collection[str] | None) -> list[ImportRow]:
    """Those that have no closing record, newest first."""
    cursor = await connection.execute(
        f"select {_IMPORT_COLUMNS} from imports where outcome is null "
        "and (%(projects)s::text[] is null or project = any(%(projects)s)) order by opened_at desc, import_id",
        {"projects": _listed(projects)},
    )
    return [ImportRow(**row) for row in await cursor.fetchall()]


def _listed(values: Collection[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)


async def list_items(
    connection: Connection, project: str, import_id: str, choice: ItemChoice, after: int, limit: int
) -> list[ItemRow]:
    """Items in the order of the source whose ordinal is above `after`."""
    cursor = await connection.execute(
        """
        select ordinal, item_key as key, title, change, state, code, detail, attempts, attachments, document_id,
               renamed_from
        from import_items
        where project = %(project)s and import_id = %(import_id)s and ordinal > %(after)s
          and (%(state)s::text is null or state = %(state)s
               or (%(state)s = 'failed' and attachments @> '[{"state": "failed"}]'))
          and (%(code)s::text is null or code = %(code)s
               or attachments @> jsonb_build_array(jsonb_build_object('code', %(code)s::text))
               or (%(code)s = 'unexpected' and code is not null and code <> all(%(known)s)))
          and (%(change)s::text is null or change = %(change)s)
          and (not %(problems)s or state = 'failed' or (state = 'skipped' and code <> all(%(not_reached)s))
               or attachments @? '$[*] ? (@.state != "read")')
        order by ordinal limit %(limit)s
        """,
        {
            "project": project,
            "import_id": import_id,
            "after": after,
            "limit": limit,
            "state": choice.state,
            "code": choice.code,
            "known": list(codes.KNOWN),
            "problems": choice.problems,
            "change": choice.change,
            "not_reached": list(codes.NOT_REACHED),
        },
    )
    return [ItemRow(**row) for row in await cursor.fetchall()]


async def other_kind_of(connection: Connection, project: str, source_key: str) -> str | None:
    """The kind of a source of the project that has this key's slug but another kind."""
    kind, slug = source_key.split(".", 1)
    cursor = await connection.execute(
        "select kind from sources where project = %s and split_part(source_key, '.', 2) = %s and kind <> %s "
        "order by kind limit 1",
        (project, slug, kind),
    )
    row = await cursor.fetchone()
    return row["kind"] if row else None


async def matching_source(
    connection: Connection, project: str, kind: str, item_keys: Collection[str]
) -> SourceMatch | None:
    """The one source of this kind that has at least half of these items; nothing where several do."""
    distinct = sorted(set(item_keys))
    cursor = await connection.execute(
        """
        select s.source_key as key, s.kind, s.name, count(*) as shared
        from unnest(%(keys)s::text[]) as given (item_key)
        join items i on i.item_key = given.item_key and i.project = %(project)s
        join sources s on s.project = i.project and s.source_key = i.source_key
        where s.kind = %(kind)s
        group by s.source_key, s.kind, s.name having count(*) * 2 >= %(of)s limit 2
        """,
        {"keys": distinct, "project": project, "kind": kind, "of": len(distinct)},
    )
    rows = await cursor.fetchall()
    return SourceMatch(**rows[0], of=len(distinct)) if len(rows) == 1 else None


async def project_exists(connection: Connection, project: str) -> bool:
    cursor = await connection.execute("select 1 from projects where project = %s", (project,))
    return await cursor.fetchone() is not None
