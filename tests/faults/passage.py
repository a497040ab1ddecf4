"""An import under faults: its programs are started with seams, and all that it shows on its way is kept."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from temporalio.service import RPCError

from tests.faults.seams import LOG, ORDER, Crossing, Order, read_crossings
from tests.integration.voyage import Handle, Voyage
from workflows.contracts import ClosingRecord, Progress
from workflows.imports import ImportWorkflow

REPOSITORY = Path(__file__).parents[2]
_LOOK_S = 0.15
_CROSSED_WITHIN_S = 180.0


@dataclass
class Passage(Voyage):
    """One database, one folder, and programs that work in it: what they leave behind is found there."""

    settings: dict[str, str] = field(default_factory=dict)
    """Of the environment of its programs."""
    seen: list[Progress] = field(default_factory=list)

    def start_worker(self, order: Order | None = None) -> subprocess.Popen[bytes]:
        return self.start("worker", order)

    def start(self, program: str, order: Order | None = None, **settings: str) -> subprocess.Popen[bytes]:
        scratch = self.folder / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LONGSHORE_", "TEMPORAL_"))},
            "PYTHONPATH": str(REPOSITORY),
            "TMPDIR": str(scratch),
            "LONGSHORE_HOME": str(self.folder),
            "LONGSHORE_DATABASE_URL": self.database_url,
            "TEMPORAL_ADDRESS": self.temporal_address,
            LOG: str(self.crossings_log),
            **({ORDER: str(order)} if order else {}),
            **self.settings,
            **settings,
        }
        with (self.folder / f"{program}-{len(self.workers)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.launch", program],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.workers.append(process)
        return process

    @property
    def crossings_log(self) -> Path:
        return self.folder / "crossings"

    def crossings(self) -> list[Crossing]:
        return read_crossings(self.crossings_log)

    async def crossed(self, place: str, times: int = 1, patience_s: float = _CROSSED_WITHIN_S) -> float:
        """Wait until a place has been crossed so often, by whichever program; when that was.

        Raises:
            AssertionError: if that does not happen.
        """
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            found = [c.at for c in self.crossings() if c.place == place]
            if len(found) >= times:
                return found[times - 1]
            await asyncio.sleep(0.02)
        raise AssertionError(f"{place} was not crossed {times} times")

    @asynccontextmanager
    async def watched(self, handle: Handle) -> AsyncIterator[None]:
        """Look at the progress as a page does, all the while, through whatever is down."""

        async def look() -> None:
            while True:
                with suppress(RPCError):
                    self.seen.append(await handle.query(ImportWorkflow.progress, rpc_timeout=timedelta(seconds=2)))
                await asyncio.sleep(_LOOK_S)

        looking = asyncio.create_task(look())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def ended(self, handle: Handle) -> ClosingRecord:
        """Wait for an import to end, through whatever is down."""
        while True:
            try:
                return await handle.result()
            except RPCError:
                await asyncio.sleep(0.2)

    async def died(self, process: subprocess.Popen[bytes], within_s: float) -> float:
        """Wait until a process has been killed; the moment.

        Raises:
            AssertionError: if it lives on, or ended otherwise.
        """
        deadline = time.monotonic() + within_s
        while process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError("the process was not killed: its failpoint was never crossed")
            await asyncio.sleep(0.02)
        if process.returncode != -signal.SIGKILL:
            raise AssertionError(f"the process ended with status {process.returncode}, and was not killed")
        return time.monotonic()

    def end_all(self) -> None:
        """End every program for good, whatever state it is in."""
        for process in self.workers:
            if process.poll() is None:
                process.kill()
                process.wait(30)
