from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tests.workflows.conftest import Start
from tests.workflows.harbour import Dock, Harbour, submission
from workflows.contracts import ImportRef, Plan


@dataclass
class NothingNew(Dock):
    """Every item is as it was; whether relations are owed is said by the test."""

    batches: int = 0
    owed: bool = False

    async def plan_import(self, request: ImportRef) -> Plan:
        return (await super().plan_import(request)).model_copy(
            update={"total": 3, "unchanged": 3, "links_owed": self.owed}
        )


async def test_what_an_earlier_import_did_not_link_is_linked_though_nothing_has_changed(
    start: Start, harbour: Harbour
) -> None:
    for owed, steps in ((False, 0), (True, 3)):
        harbour.dock = dock = NothingNew(owed=owed)
        handle = await start(submission("zotero.shelf.a"), f"import/shelf/zotero.owed-{owed}")
        await asyncio.wait_for(handle.result(), 60)
        assert dock.calls["link_batch"] == steps
