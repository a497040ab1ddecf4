"""A few parser processes, shared by everything in this process that has documents to read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from longshore.parsing.failures import crashed
from longshore.parsing.model import Parsed, ParseFailure
from longshore.parsing.process import KilledFromOutside, ParserProcess

_DOCUMENTS_PER_PROCESS = 200
_ATTEMPTS = 2
# A refusal after which a process is in no state to be trusted with another document.
_BREAKDOWNS = frozenset({"parser_out_of_memory", "parser_crashed", "parser_timeout"})
_RETIREMENT_BYTES = 96 << 20


class ParserPool:
    """Parses in child processes, so that a document can cost no more than its own attempt.

    Processes start when they are first needed and are replaced after they died, broke down, grew beyond 96 MB for good
    or served 200 documents. An async context manager; leaving it ends them all. Enter it on the main thread: on Linux
    the children die with the thread that started them.

    Args:
        processes: how many documents are read at a time; further callers wait.
        wall_seconds: time that one attempt at a document may take.
        cpu_seconds: processor time that it may take; this holds even if the parent is frozen meanwhile.
        memory_bytes: address space (Linux) or resident size (elsewhere) of one process.
    """

    def __init__(
        self,
        processes: int = 2,
        wall_seconds: float = 120,
        cpu_seconds: float = 60,
        memory_bytes: int = 400 << 20,
    ) -> None:
        self._wall_seconds = wall_seconds
        self._cpu_seconds = cpu_seconds
        self._memory_bytes = memory_bytes
        self._started: set[ParserProcess] = set()
        self._free: asyncio.Queue[ParserProcess | None] = asyncio.Queue()
        for _ in range(processes):
            self._free.put_nowait(None)
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for process in self._started:
            process.kill()
        await asyncio.gather(*(process.ended() for process in self._started))

    async def parse(self, path: Path, media_type: str | None, name: str) -> Parsed:
        """Read a file, waiting for a free process first. Cancelling the caller kills the process that reads for it.

        Args:
            media_type: as declared by whoever brought the file; content decides where it speaks for itself.
            name: what messages call the file.

        Raises:
            ParseFailure: the content cannot be read; see there for the codes.
            OSError: the file could not be opened or read.
            LongshoreError: `parser_unavailable` if no parser process could be started.
        """
        request = {
            "path": str(path),
            "media_type": media_type,
            "name": name,
            "cpu_seconds": self._cpu_seconds,
        }
        process = await self._free.get()
        try:
            for _ in range(_ATTEMPTS):
                process = await self._fit(process)
                try:
                    return await process.parse(request, self._wall_seconds)
                except KilledFromOutside:
                    continue
            raise crashed(name, f"killed {_ATTEMPTS} times")
        except ParseFailure as failure:
            if failure.code in _BREAKDOWNS and process is not None:
                process.kill()
            raise
        finally:
            self._free.put_nowait(process)

    async def _fit(self, process: ParserProcess | None) -> ParserProcess:
        """The process if it can take a document, else a new one in its place."""
        self._check_open()
        if process is not None and process.alive:
            if process.parsed < _DOCUMENTS_PER_PROCESS and process.resident_bytes < _RETIREMENT_BYTES:
                return process
            process.kill()
        self._started = {other for other in self._started if other.alive}
        fresh = await ParserProcess.start(self._memory_bytes)
        self._started.add(fresh)
        try:
            self._check_open()
        except RuntimeError:
            fresh.kill()
            await fresh.ended()
            raise
        return fresh

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("the parser pool is closed")
