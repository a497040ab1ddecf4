"""A program of ours as a process of its own, with what it and its children take."""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from longshore.stack.process import Child, spawn

_SAMPLED_EVERY_S = 0.2
_START_S = 60.0
_GRACE_S = 30.0


class Program:
    def __init__(self, child: Child, log: Path) -> None:
        self._child = child
        self._log = log
        self._log_start = log.stat().st_size
        self.peak_bytes = 0
        """The most memory that it and its children held at a time; what processes share counts once."""

    @property
    def pid(self) -> int:
        return self._child.identity.pid

    async def said(self, words: str) -> None:
        """Wait for words in its log.

        Raises:
            RuntimeError: it ended without having said them.
            TimeoutError: it did not within a minute.
        """
        async with asyncio.timeout(_START_S):
            while words.encode() not in self._log.read_bytes()[self._log_start :]:
                if not self._child.alive:
                    raise await self._failure()
                await asyncio.sleep(0.01)

    async def succeeded(self) -> None:
        """Wait for its end.

        Raises:
            RuntimeError: it failed.
        """
        if await self._child.ended() != "exited with status 0":
            raise await self._failure()

    async def _failure(self) -> RuntimeError:
        return RuntimeError(f"It {await self._child.ended()}:\n{self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        """As `kill -9` does."""
        self._child.identity.signal(signal.SIGKILL)

    async def stop(self) -> None:
        await self._child.identity.end(_GRACE_S)
        await self._child.ended()

    async def watch_memory(self) -> None:
        """Sample until cancelled."""
        while True:
            identities = [self._child.identity, *self._child.identity.descendants()]
            held = await asyncio.to_thread(sum, map(_held_bytes, [identity.pid for identity in identities]))
            self.peak_bytes = max(self.peak_bytes, held)
            await asyncio.sleep(_SAMPLED_EVERY_S)


@asynccontextmanager
async def program(module: str, *arguments: str, env: Mapping[str, str], log: Path) -> AsyncIterator[Program]:
    """Run `python -m module` for as long as the block lasts."""
    with log.open("ab") as output:
        running = Program(spawn([sys.executable, "-m", module, *arguments], log=output, cwd=_ROOT, env=env), log)
    watching = asyncio.create_task(running.watch_memory())
    try:
        yield running
    finally:
        watching.cancel()
        await running.stop()


_ROOT = Path(__file__).parent.parent


def children_cpu_s() -> float:
    """Processor seconds of all processes that this one has waited for, and that those have waited for in turn."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _held_bytes(pid: int) -> int:
    """The process's proportional share of memory where the system tells it, else its resident size."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
