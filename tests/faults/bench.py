"""What the trials of the whole matrix share: the rig, the cargo, and what becomes of it undisturbed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.kills import Undisturbed, leave_alone, leave_sequel_alone
from tests.faults.rig import Rig, open_rig
from tests.faults.sequels import open_sequels
from tests.faults.sessions import Session
from tests.integration.library import write_library

ITEMS = 40
"""Of the library that most faults meet: three batches, imported in some seconds."""


@dataclass(frozen=True)
class Bench:
    rig: Rig
    undisturbed: Undisturbed
    seed: int
    session: Session
    sequels: Sequence[Undisturbed] = ()
    """Of sources that are imported again."""


@asynccontextmanager
async def open_benches(
    folder: Path, seed: int, lanes: int, files: Sequence[str] = (), with_sequels: bool = False
) -> AsyncIterator[list[Bench]]:
    """One for each lane, each with engines of its own.

    Args:
        files: Of tests that faults are tried by.
        with_sequels: Import sources again, too, which takes a while.
    """
    async with AsyncExitStack() as stack:
        rigs = [await stack.enter_async_context(open_rig(folder / f"lane-{lane}")) for lane in range(lanes)]
        undisturbed = await leave_alone(rigs[0], write_library(folder / "export", ITEMS))
        open_ = stack.enter_context(open_sequels(folder)) if with_sequels else []
        sequels = [await leave_sequel_alone(rigs[0], sequel) for sequel in open_]
        session = Session(folder, files)
        yield [Bench(rig, undisturbed, seed, session, sequels) for rig in rigs]
