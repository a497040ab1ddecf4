"""A repository's files at one commit, brought by a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from longshore.confined.frames import LENGTH_BYTES, MAX_FRAME_BYTES, Message, pack, unpack
from longshore.errors import InvalidSource, LongshoreError
from longshore.sources.git.choosing import LARGEST_DOCUMENT
from longshore.sources.git.remote import Credential
from longshore.sources.git.scratch import scratch
from longshore.sources.git.snapshot import RULES, Entry, Head, Snapshot, Wanted

WALL_SECONDS = 3600.0
"""That a repository may take to be fetched; a server that drips is given up then."""

_ENVIRONMENT = ("LD_LIBRARY_PATH", "PYTHONHOME", "SSL_CERT_FILE", "SSL_CERT_DIR")

Keep = Callable[[bytes], Awaitable[str]]
"""Stores a file's content and gives its SHA-256."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a repository may be reached."""

    own_hosts: Sequence[str] = ()
    """Of the operator, as `host` or `host:port`: they may lie at private addresses and speak plain HTTP."""
    paths: Sequence[str] = ()
    """Folders of this machine that repositories may be read from."""
    credential: Credential | None = None


async def fetch(wanted: Wanted, access: Access, before: Snapshot | None, keep: Keep) -> Snapshot:
    """The repository at the commit that `wanted.ref` stands for now.

    Args:
        before: an earlier snapshot whose files are still kept: what has not changed since is not stored again. It is
            what is given back where its commit is still the one.

    Raises:
        InvalidSource: what the server or its operator refuses, or what cannot be unpacked.
        LongshoreError: `repository_unreachable`, which may pass.
    """
    same = before is not None and before.head.wanted == wanted and before.head.rules == RULES
    with scratch() as folder:
        async with asyncio.timeout(WALL_SECONDS), _process() as process:
            await _send(process, _request(wanted, access, before, folder, same))
            tip = (await _receive(process))["tip"]
            if same and before and tip["commit"] == before.head.commit:
                return before
            entries = {entry.path: entry async for entry in _entries(process, keep)}
    return Snapshot(
        head=Head(wanted=wanted, commit=tip["commit"], branch=tip["name"]),
        entries=tuple(entries[path] for path in sorted(entries)),
    )


def _request(wanted: Wanted, access: Access, before: Snapshot | None, folder: Path, same: bool) -> Message:
    usable = before is not None and before.head.rules == RULES
    return {
        **wanted.model_dump(mode="json"),
        "own_hosts": list(access.own_hosts),
        "paths": list(access.paths),
        "credential": asdict(access.credential) if access.credential else None,
        "folder": str(folder),
        "known": {
            "commit": before.head.commit if before and same else None,
            "entries": [entry.model_dump(mode="json") for entry in before.entries] if before and usable else [],
        },
    }


async def _entries(process: Process, keep: Keep) -> AsyncIterator[Entry]:
    while "done" not in (message := await _receive(process)):
        entry = Entry.model_validate(message["file"])
        if message["bytes"]:
            entry = entry.model_copy(update={"sha256": await keep(await _content(process, message["bytes"]))})
        yield entry


async def _content(process: Process, size: int) -> bytes:
    assert process.stdout is not None
    if size > LARGEST_DOCUMENT:
        raise _died("it announced a file that is too large")
    return await process.stdout.readexactly(size)


async def _send(process: Process, request: Message) -> None:
    assert process.stdin is not None
    process.stdin.write(pack(request))
    await process.stdin.drain()


async def _receive(process: Process) -> Message:
    assert process.stdout is not None
    try:
        length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES))
        if length > MAX_FRAME_BYTES:
            raise _died("it sent a frame that is too long")
        message = unpack(await process.stdout.readexactly(length))
    except asyncio.IncompleteReadError as error:
        raise _died(f"it ended with status {await process.wait()}") from error
    if "refused" in message:
        raise _refused(**message["refused"])
    return message


def _refused(code: str, message: str, hint: str, invalid: bool) -> LongshoreError:
    return (InvalidSource if invalid else LongshoreError)(code, message, hint)


def _died(reason: str) -> LongshoreError:
    return LongshoreError("repository_unreachable", f"The process that fetches the repository broke down: {reason}.")


@asynccontextmanager
async def _process() -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-X", "utf8", "-m", "longshore.sources.git.child"),
        stdin=PIPE,
        stdout=PIPE,
        env=_environment(),
        start_new_session=True,
        limit=1 << 20,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _environment() -> dict[str, Any]:
    return {
        "PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path),
        **{name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    }
