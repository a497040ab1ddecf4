"""Imports of the fake API, each with the changes that it goes through."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
STAGES = ("stage", "plan", "parse", "extract", "embed", "write", "retire", "link", "close")
COUNTS = {"total": 4, "added": 3, "changed": 0, "unchanged": 0, "removed": 0, "duplicate": 1, "skipped": 0, "failed": 0}
AT = "2026-01-02T03:04:05+00:00"


def stages(done: int, running: int) -> list[Json]:
    """All stages: the first `done` are done, the next `running` under way."""
    found = []
    for number, name in enumerate(STAGES):
        state = "done" if number < done else "running" if number < done + running else "pending"
        amount = {"done": 4, "running": 2, "pending": 0}[state]
        found.append(
            {"name": name, "state": state, "unit": "items", "done": amount, "failed": 0, "total": 4, "rate_per_s": 2.0}
        )
    return found


@dataclass
class Voyage:
    """An import and the changes that it still goes through, one whenever it is looked at."""

    resource: Json
    script: list[Json]
    at_anchor: bool = False
    """Whether it stays as it is."""
    events_sent: int = 0

    def look(self) -> Json:
        seen = deepcopy(self.resource)
        if self.script and not self.at_anchor:
            self.resource.update(self.script.pop(0))
        return seen


SUCCESS: list[Json] = [
    {"state": "running", "fraction": 0.1, "stages": stages(1, 1)},
    {"fraction": 0.4, "stages": stages(2, 3), "items": COUNTS, "eta_range_s": [60, 130], "chunks": 40},
    {"fraction": 0.8, "stages": stages(7, 1)},
    {
        "state": "succeeded",
        "fraction": 1.0,
        "stages": stages(9, 0),
        "eta_range_s": None,
        "closed_at": "2026-01-02T03:05:17+00:00",
        "graph": {"documents": 3, "chunks": 120, "concepts": 45, "nodes": 60, "edges": 310},
    },
]
