"""What the trials of the whole matrix share: the rig, the cargo, and what becomes of it undisturbed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.kills import Undisturbed, leave_alone
from tests.faults.rig import Rig, open_rig
from tests.integration.library import write_library

ITEMS = 40
"""Of the library that most faults meet: three batches, imported in some seconds."""


@dataclass(frozen=True)
class Bench:
    rig: Rig
    undisturbed: Undisturbed
    seed: int


@asynccontextmanager
async def open_bench(folder: Path, seed: int) -> AsyncIterator[Bench]:
    async with open_rig(folder) as rig:
        yield Bench(rig, await leave_alone(rig, write_library(folder / "export", ITEMS)), seed)
