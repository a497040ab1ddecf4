"""Comparisons as the store knows them: what was asked for, the questions, the measures, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from longshore.errors import InvalidSource
from longshore.evaluation.questions import Question, Span
from longshore.graph.db import Connection
from longshore.ids import home_of

_COLUMNS = (
    "project, comparison_id, request, outcome, record, promoted, promoted_at, opened_at, closed_at, "
    "(select count(*) from comparison_questions q where q.project = c.project and q.comparison_id = c.comparison_id) "
    "as questions"
)


@dataclass(frozen=True)
class ComparisonRow:
    project: str
    comparison_id: str
    request: Mapping[str, Any]
    outcome: str | None
    """Set, as is the record, while no run of it goes on."""
    record: Mapping[str, Any] | None
    promoted: str | None
    promoted_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    questions: int


async def open_comparison(connection: Connection, request: Mapping[str, Any]) -> None:
    """Make a comparison known, or take one that had closed up again.

    Raises:
        InvalidSource: `project_deleting`.
    """
    project = request["project"]
    await connection.execute("insert into projects (project) values (%s) on conflict do nothing", (project,))
    await _check_staying(connection, project)
    await connection.execute(
        "insert into comparisons (project, comparison_id, request) values (%s, %s, %s) "
        "on conflict (project, comparison_id) do update set outcome = null, record = null, closed_at = null",
        (project, request["comparison_id"], json.dumps(request)),
    )


async def open_space(connection: Connection, space: str, pipeline: Mapping[str, int]) -> None:
    """Make the space of a variant, with its pipeline.

    Raises:
        InvalidSource: `project_deleting`.
    """
    # Held as an import holds it that opens, so that its files are not collected in that moment.
    await _check_staying(connection, home_of(space))
    await connection.execute(
        "insert into projects (project, pipeline) values (%s, %s) on conflict do nothing", (space, json.dumps(pipeline))
    )


async def _check_staying(connection: Connection, project: str) -> None:
    cursor = await connection.execute("select deleting_at from projects where project = %s for share", (project,))
    row = await cursor.fetchone()
    if row is None or row["deleting_at"]:
        raise InvalidSource(
            "project_deleting", f"project {project} is being deleted", "Wait for it, or choose another project."
        )


async def close_comparison(connection: Connection, record: Mapping[str, Any]) -> None:
    await connection.execute(
        "update comparisons set outcome = %s, record = %s, closed_at = now() where project = %s and comparison_id = %s",
        (record["state"], json.dumps(record), record["project"], record["comparison_id"]),
    )


async def count_drawn(connection: Connection, project: str, comparison_id: str) -> int | None:
    """How many questions there are; None as long as they have not been drawn."""
    cursor = await connection.execute(
        "select drawn_at, (select count(*) from comparison_questions q where q.project = c.project "
        "and q.comparison_id = c.comparison_id) as questions from comparisons c "
        "where project = %s and comparison_id = %s",
        (project, comparison_id),
    )
    row = await cursor.fetchone()
    return int(row["questions"]) if row and row["drawn_at"] else None


async def store_questions(
    connection: Connection, project: str, comparison_id: str, questions: Sequence[Question]
) -> None:
    """Fix what is asked, unless it was fixed before, in the caller's transaction."""
    cursor = await connection.execute(
        "update comparisons set drawn_at = now() where project = %s and comparison_id = %s and drawn_at is null",
        (project, comparison_id),
    )
    if not cursor.rowcount:
        return
    async with connection.cursor() as writer:
        await writer.executemany(
            "insert into comparison_questions (project, comparison_id, ordinal, question) values (%s, %s, %s, %s)",
            [
                (project, comparison_id, ordinal, json.dumps(asdict(question), default=str))
                for ordinal, question in enumerate(questions)
            ],
        )


async def read_questions(connection: Connection, project: str, comparison_id: str) -> list[Question]:
    cursor = await connection.execute(
        "select question from comparison_questions where project = %s and comparison_id = %s order by ordinal",
        (project, comparison_id),
    )
    return [_question(row["question"]) for row in await cursor.fetchall()]


def _question(stored: dict[str, Any]) -> Question:
    span = stored.pop("span")
    document_id = UUID(stored.pop("document_id"))
    return Question(**stored, document_id=document_id, span=Span(**span) if span else None)


async def store_measures(
    connection: Connection, project: str, comparison_id: str, variant: str, step: str, measures: Mapping[str, Any]
) -> None:
    await connection.execute(
        "insert into comparison_measures (project, comparison_id, variant, step, measures) values (%s, %s, %s, %s, %s) "
        "on conflict (project, comparison_id, variant, step) do update "
        "set measures = excluded.measures, measured_at = now()",
        (project, comparison_id, variant, step, json.dumps(measures)),
    )


async def read_measures(connection: Connection, project: str, comparison_id: str) -> dict[str, dict[str, Any]]:
    """By variant and step."""
    cursor = await connection.execute(
        "select variant, step, measures from comparison_measures where project = %s and comparison_id = %s",
        (project, comparison_id),
    )
    found: dict[str, dict[str, Any]] = {}
    for row in await cursor.fetchall():
        found.setdefault(row["variant"], {})[row["step"]] = row["measures"]
    return found


async def import_records(connection: Connection, space: str) -> list[dict[str, Any]]:
    """The closing records of the imports into a space, in their order."""
    cursor = await connection.execute(
        "select record from imports where project = %s and record is not null order by opened_at, import_id", (space,)
    )
    return [row["record"] for row in await cursor.fetchall()]


async def last_import(connection: Connection, space: str) -> str:
    """Id of the newest import into a space, which there is."""
    cursor = await connection.execute(
        "select import_id from imports where project = %s order by opened_at desc, import_id desc limit 1", (space,)
    )
    row = await cursor.fetchone()
    assert row is not None
    return str(row["import_id"])


async def find_comparison(connection: Connection, project: str, comparison_id: str) -> ComparisonRow | None:
    cursor = await connection.execute(
        f"select {_COLUMNS} from comparisons c where project = %s and comparison_id = %s", (project, comparison_id)
    )
    row = await cursor.fetchone()
    return ComparisonRow(**row) if row else None


async def list_comparisons(connection: Connection, project: str, limit: int) -> list[ComparisonRow]:
    """The newest first."""
    cursor = await connection.execute(
        f"select {_COLUMNS} from comparisons c where project = %s order by opened_at desc, comparison_id limit %s",
        (project, limit),
    )
    return [ComparisonRow(**row) for row in await cursor.fetchall()]


@dataclass(frozen=True)
class OpenComparison:
    project: str
    comparison_id: str
    opened_at: datetime


async def open_comparisons(connection: Connection) -> list[OpenComparison]:
    """Those of all projects that have not closed."""
    cursor = await connection.execute(
        "select project, comparison_id, opened_at from comparisons where outcome is null order by 1, 2"
    )
    return [OpenComparison(**row) for row in await cursor.fetchall()]


async def spaces_without_comparison(connection: Connection) -> list[str]:
    """Spaces whose comparison nobody knows, and that are not being deleted; none in which an import is open."""
    cursor = await connection.execute(
        "select p.project from projects p where p.project like '%~%' and p.deleting_at is null "
        "and not exists (select from comparisons c where c.project = split_part(p.project, '~', 1) "
        "and starts_with(split_part(p.project, '~', 2), c.comparison_id || '-')) "
        "and not exists (select from imports i where i.project = p.project and i.outcome is null) order by 1"
    )
    return [row["project"] for row in await cursor.fetchall()]


async def spaces_of(connection: Connection, project: str, comparison_id: str | None = None) -> list[str]:
    """The spaces that are there: of a comparison, or of all."""
    beside = f"{project}~" if comparison_id is None else f"{project}~{comparison_id}-"
    cursor = await connection.execute(
        "select project from projects where starts_with(project, %s) order by project", (beside,)
    )
    return [row["project"] for row in await cursor.fetchall()]


async def forget_comparison(connection: Connection, project: str, comparison_id: str) -> None:
    await connection.execute(
        "delete from comparisons where project = %s and comparison_id = %s", (project, comparison_id)
    )
