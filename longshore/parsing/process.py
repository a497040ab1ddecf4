"""The pool's side of one parser process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path

from longshore.confined.frames import LENGTH_BYTES, MAX_ANSWER_BYTES, MAX_FRAME_BYTES, Message, pack, unpack
from longshore.errors import LongshoreError
from longshore.parsing.failures import crashed, out_of_memory, too_large, took_too_long
from longshore.parsing.memory import ADDRESS_SPACE_IS_LIMITED, resident_bytes
from longshore.parsing.model import Chunk, Parsed, ParseFailure

_START_SECONDS = 60.0
_TICK_SECONDS = 0.1
_EXIT_SECONDS = 5.0
# Python's own memory errors are answered; a C++ or Rust allocation that fails ends in abort().
_OUT_OF_MEMORY_SIGNALS = frozenset({signal.SIGABRT})
# Nothing within the child sends these to it.
_SIGNALS_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
# The parser needs none of its parent's environment, and the parent's holds secrets.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "PYTHONHOME")


class FrameTooLong(Exception):
    """What the other side announces is no frame of ours."""


class KilledFromOutside(Exception):
    """Somebody ended the process in the middle of a document; the document is not to blame."""


class ParserProcess:
    """A running `longshore.parsing.child`, for one request at a time.

    After any exception but a `ParseFailure` that it answered itself, the process is dead or dying: no answer to an
    abandoned request can be taken for that of the next one.
    """

    def __init__(self, process: Process, memory_bytes: int) -> None:
        self._process = process
        self.memory_bytes = memory_bytes
        self.parsed = 0
        """Documents that it was asked for."""
        self._killed = False

    @classmethod
    async def start(cls, memory_bytes: int) -> ParserProcess:
        """
        Raises:
            LongshoreError: `parser_unavailable` if the process does not come up.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-X", "utf8", "-m", "longshore.parsing.child"),
            *([str(memory_bytes)] if ADDRESS_SPACE_IS_LIMITED else []),
            stdin=PIPE,
            stdout=PIPE,
            env={
                "PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path),
                **{name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            },
            # Ctrl-C in a terminal is for the parent, which decides what becomes of its documents.
            start_new_session=True,
        )
        child = cls(process, memory_bytes)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await child._receive()
        except BaseException as error:
            child.kill()
            await child.ended()
            if isinstance(error, (EOFError, TimeoutError, FrameTooLong)):
                raise LongshoreError(
                    "parser_unavailable", "The parser process did not start.", "Its own message stands in the log."
                ) from error
            raise
        return child

    @property
    def alive(self) -> bool:
        """Whether it can serve; not from the moment on that it was killed, though it may take a while to go."""
        return not self._killed and self._process.returncode is None

    @property
    def resident_bytes(self) -> int:
        return resident_bytes(self._process.pid)

    async def parse(self, request: Message, wall_seconds: float) -> Parsed:
        """Have the child parse what the request names.

        Raises:
            ParseFailure: the document's, or for the limits that it broke.
            KilledFromOutside: if neither the document nor this pool ended the process.
            OSError: if the file could not be read.
        """
        self.parsed += 1
        exchange = asyncio.ensure_future(self._exchange(request))
        try:
            await self._watch(exchange, request["name"], wall_seconds)
            answer = exchange.result()
        except BaseException:
            self.kill()
            raise
        finally:
            exchange.cancel()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _watch(self, exchange: asyncio.Future[Parsed | Exception], name: str, wall_seconds: float) -> None:
        """Wait for the answer as long as a document may take.

        Time is counted in ticks and not read from a clock: a parent that was frozen for an hour and wakes up must not
        blame the document for it.
        """
        left = wall_seconds
        while left > 0:
            tick = min(_TICK_SECONDS, left)
            done, _ = await asyncio.wait({exchange}, timeout=tick)
            if done:
                return
            if not ADDRESS_SPACE_IS_LIMITED and self.resident_bytes > self.memory_bytes:
                raise out_of_memory(name)
            left -= tick
        raise took_too_long(name)

    async def _exchange(self, request: Message) -> Parsed | Exception:
        """One request and its answer, which may be a refusal; raises what ends the process."""
        name = request["name"]
        chunks: list[Chunk] = []
        size = 0
        try:
            await self._send(request)
            while True:
                message, length = await self._receive()
                size += length
                if size > MAX_ANSWER_BYTES:
                    raise too_large(name)
                if "chunks" in message:
                    chunks += [Chunk(**chunk) for chunk in message["chunks"]]
                elif "parsed" in message:
                    return Parsed(**message["parsed"], chunks=tuple(chunks))
                elif "os_error" in message:
                    return OSError(*message["os_error"], request["path"])
                else:
                    return ParseFailure(**message["failure"])
        except FrameTooLong as error:
            raise crashed(name, str(error)) from error
        except (EOFError, ConnectionError) as error:
            raise await self._cause_of_death(name) from error

    async def _send(self, request: Message) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(pack(request))
        await self._process.stdin.drain()

    async def _receive(self) -> tuple[Message, int]:
        """The next message and its size in bytes.

        Raises:
            IncompleteReadError: if the child ends first.
            FrameTooLong: if the message would be longer than `MAX_FRAME_BYTES`.
        """
        assert self._process.stdout is not None
        length = int.from_bytes(await self._process.stdout.readexactly(LENGTH_BYTES))
        if length > MAX_FRAME_BYTES:
            raise FrameTooLong(f"a frame of {length} bytes")
        return unpack(await self._process.stdout.readexactly(length)), length

    async def _cause_of_death(self, name: str) -> Exception:
        try:
            async with asyncio.timeout(_EXIT_SECONDS):
                status = await self._process.wait()
        except TimeoutError:
            return crashed(name, "it closed its answer")
        if -status in _SIGNALS_FROM_OUTSIDE:
            return KilledFromOutside(name)
        if -status in _OUT_OF_MEMORY_SIGNALS:
            return out_of_memory(name)
        if -status == signal.SIGXCPU:
            return took_too_long(name)
        return crashed(name, signal.Signals(-status).name if status < 0 else f"exit status {status}")

    def kill(self) -> None:
        """End the process at once; the event loop reaps it."""
        # Never twice: the second kill would find it dead, take its exit status, and the event loop would get none.
        if self.alive:
            self._killed = True
            with suppress(ProcessLookupError):
                self._process.kill()

    async def ended(self) -> None:
        """Wait until the process is gone."""
        await self._process.wait()
