"""A few parser processes, shared by everything in this process that has documents to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from longshore.confined.frames import Message
from longshore.parsing.chunking import LATIN_BUDGET
from longshore.parsing.failures import crashed
from longshore.parsing.model import Parsed, ParseFailure
from longshore.parsing.process import KilledFromOutside, ParserProcess

_DOCUMENTS_PER_PROCESS = 200
_ATTEMPTS = 2
_LEAST_SHARE_BYTES = 160 << 20
"""More than twice the address space of a process that has read nothing yet."""
_RETIREMENT_BYTES = 96 << 20
# A refusal after which a process is in no state to be trusted with another document.
_BREAKDOWNS = frozenset({"parser_out_of_memory", "parser_crashed", "parser_timeout"})


@dataclass
class _Place:
    """Where one document at a time can be read."""

    process: ParserProcess | None = None


class ParserPool:
    """Parses in child processes, so that a document can cost no more than its own attempt.

    The processes share their memory: a document that needs more than one share is read once more alone, with all of it,
    while the others wait. So the pool stays within its bound whatever it is given.

    Processes start when they are first needed and are replaced after they died, broke down, grew beyond 96 MB for good
    or served 200 documents. An async context manager; leaving it ends them all. Enter it on the main thread: on Linux
    the children die with the thread that started them.

    Args:
        processes: how many documents are read at a time; further callers wait.
        wall_seconds: time that one attempt at a document may take.
        cpu_seconds: processor time that it may take; this holds even if the parent is frozen meanwhile.
        memory_bytes: address space (Linux) or resident size (elsewhere) of all processes; at least 160 MB for each.
    """

    def __init__(
        self,
        processes: int = 2,
        wall_seconds: float = 120,
        cpu_seconds: float = 60,
        memory_bytes: int = 320 << 20,
    ) -> None:
        self._processes = processes
        self._wall_seconds = wall_seconds
        self._cpu_seconds = cpu_seconds
        self._memory_bytes = memory_bytes
        self._share_bytes = max(memory_bytes // processes, _LEAST_SHARE_BYTES)
        self._started: set[ParserProcess] = set()
        self._free: asyncio.Queue[_Place] = asyncio.Queue()
        for _ in range(processes):
            self._free.put_nowait(_Place())
        self._taking_all = asyncio.Lock()
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

    async def parse(self, path: Path, media_type: str | None, name: str, passage: int = LATIN_BUDGET) -> Parsed:
        """Read a file, waiting for a free process first. Cancelling the caller kills the process that reads for it.

        Args:
            media_type: as declared by whoever brought the file; content decides where it speaks for itself.
            name: what messages call the file.
            passage: the most characters of a passage in Latin letters.

        Raises:
            ParseFailure: the content cannot be read; see there for the codes.
            OSError: the file could not be opened or read.
            LongshoreError: `parser_unavailable` if no parser process could be started.
        """
        request = {
            "path": str(path),
            "media_type": media_type,
            "name": name,
            "passage": passage,
            "cpu_seconds": self._cpu_seconds,
        }
        try:
            async with self._place() as place:
                return await self._read(place, request, self._share_bytes)
        except ParseFailure as failure:
            if failure.code != "parser_out_of_memory" or self._share_bytes >= self._memory_bytes:
                raise
        async with self._all_places() as place:
            return await self._read(place, request, self._memory_bytes)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[_Place]:
        place = await self._free.get()
        try:
            yield place
        finally:
            self._free.put_nowait(place)

    @asynccontextmanager
    async def _all_places(self) -> AsyncIterator[_Place]:
        """One place, while nobody has another and no other process holds memory."""
        taken: list[_Place] = []
        async with self._taking_all:
            try:
                while len(taken) < self._processes:
                    taken.append(await self._free.get())
                for place in taken:
                    if place.process is not None:
                        place.process.kill()
                        await place.process.ended()
                yield taken[0]
            finally:
                for place in taken:
                    self._free.put_nowait(place)

    async def _read(self, place: _Place, request: Message, memory_bytes: int) -> Parsed:
        for _ in range(_ATTEMPTS):
            process = place.process = await self._fit(place.process, memory_bytes)
            try:
                return await process.parse(request, self._wall_seconds)
            except KilledFromOutside:
                continue
            except ParseFailure as failure:
                if failure.code in _BREAKDOWNS:
                    process.kill()
                raise
        raise crashed(request["name"], f"killed {_ATTEMPTS} times")

    async def _fit(self, process: ParserProcess | None, memory_bytes: int) -> ParserProcess:
        """The process if it can take a document within this memory, else a new one in its place."""
        self._check_open()
        if process is not None and process.alive:
            worn = process.parsed >= _DOCUMENTS_PER_PROCESS or process.resident_bytes >= _RETIREMENT_BYTES
            if process.memory_bytes == memory_bytes and not worn:
                return process
            process.kill()
        if process is not None:
            await process.ended()
        self._started = {other for other in self._started if other.alive}
        fresh = await ParserProcess.start(memory_bytes)
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
