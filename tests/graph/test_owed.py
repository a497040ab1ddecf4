"""An import that ended before it had linked what it committed leaves the linking to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from longshore.graph.db import Connection, Pool
from longshore.graph.linking import links_are_owed
from longshore.graph.records import close_record, open_record

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
Ended = tuple[str | None, str, bool, int]
"""How an import of which source ended, whether it had committed something, and how much it had linked."""


async def owed_after(connection: Connection, imports: list[Ended]) -> bool:
    for hour, (outcome, source, committed, linked) in enumerate(imports):
        import_id, opened_at = f"{source}.{hour}", NOON + timedelta(hours=hour)
        submission = {"project": "p", "import_id": import_id, "source_key": source, "kind": "files", "name": source}
        await open_record(connection, submission, "run")
        await connection.execute("update imports set opened_at = %s where import_id = %s", (opened_at, import_id))
        state = "done" if committed else "unchanged"
        await connection.execute(
            "insert into import_items (project, import_id, ordinal, item_key, title, change, content_hash, payload, "
            "state) values ('p', %s, 0, 'k', 't', %s, 'h', '{}', %s)",
            (import_id, "added" if committed else "unchanged", state),
        )
        if outcome:
            stages = [{"name": "write", "done": 1}, {"name": "link", "done": linked}]
            record: dict[str, Any] = {
                "state": outcome,
                "closed_at": (opened_at + timedelta(minutes=5)).isoformat(),
                "progress": {"stages": stages},
            }
            await close_record(connection, "p", import_id, "run", [], record)
    return await links_are_owed(connection, "p", "files.mine.now", "files.mine")


@pytest.mark.parametrize(
    ("imports", "owed"),
    [
        ([], False),
        ([("succeeded", "files.mine", True, 9)], False),
        ([("cancelled", "files.mine", False, 0)], False),
        ([("cancelled", "files.mine", True, 0)], True),
        ([("failed", "files.other", True, 3)], True),
        ([("cancelled", "files.mine", True, 0), ("succeeded", "files.other", False, 0)], True),
        ([("cancelled", "files.mine", True, 0), ("succeeded", "files.other", True, 9)], False),
        ([("succeeded", "files.other", True, 9), ("cancelled", "files.mine", True, 0)], True),
        ([(None, "files.mine", True, 0)], True),
        ([(None, "files.other", True, 0)], False),
    ],
)
async def test_relations_are_owed_until_an_import_that_began_later_has_linked(
    pool: Pool, imports: list[Ended], owed: bool
) -> None:
    async with pool.connection() as connection:
        assert await owed_after(connection, imports) is owed
