"""What a key that is bound to a project finds in the lists of all projects."""

from __future__ import annotations

from datetime import UTC, datetime

from longshore.graph.db import Pool
from tests.api.scripted import record_closed, submission_of
from tests.security.conftest import Gate

IMPORT = "zotero.logbook.0123456789ab"


async def test_lists_and_streams_hold_only_what_is_ones_own(guarded: Gate, gate_pool: Pool) -> None:
    for project in ("east-quay", "west-quay"):
        await record_closed(gate_pool, submission_of(project, IMPORT, "Logbook", submitted_at=datetime.now(UTC)))
    bound = await guarded.key("read", projects=["east-quay"])
    whole = await guarded.key("read")

    for path, member in (("/v1/imports", "imports"), ("/v1/projects", "projects")):
        own = (await guarded.ask("GET", path, bound)).json()[member]
        everything = (await guarded.ask("GET", path, whole)).json()[member]
        assert {found["project"] for found in own} == {"east-quay"}
        assert {found["project"] for found in everything} >= {"east-quay", "west-quay"}
    stream = (await guarded.ask("GET", "/v1/events", bound, params={"until": "snapshot"})).text
    assert "east-quay" in stream
    assert "west-quay" not in stream
    asked_for = await guarded.ask("GET", "/v1/imports", bound, params={"project": "west-quay"})
    absent = await guarded.ask("GET", "/v1/projects/no-such-quay", bound)
    foreign = await guarded.ask("GET", "/v1/projects/west-quay", bound)
    assert asked_for.status_code == absent.status_code == foreign.status_code == 404
    assert absent.json()["code"] == foreign.json()["code"] == "project_not_found"
