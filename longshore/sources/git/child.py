"""The process that speaks with a git server and unpacks what it says: `python -m longshore.sources.git.child`.

It is given one request: {url, ref, include, exclude, own_hosts, paths, credential, folder, known: {commit, entries}}.
It answers {tip: {commit, name}}, and unless that is the known commit, {file: entry} for every file, each followed by
its bytes where `bytes` says so, and last {done: true}; or {refused: {code, message, hint, invalid}}.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from longshore.confined import sandbox
from longshore.confined.frames import Message, pack, read
from longshore.errors import InvalidSource, LongshoreError
from longshore.sources.git.choosing import Patterns
from longshore.sources.git.local import LocalRepository
from longshore.sources.git.location import parse_location
from longshore.sources.git.remote import Credential, Remote
from longshore.sources.git.snapshot import Entry
from longshore.sources.git.walk import Walk

MEMORY_BYTES = 320 * 1024 * 1024
"""Of its own, without the pack that is mapped."""
PACK_BYTES = 2 * 1024 * 1024 * 1024
CPU_SECONDS = 1800


def serve() -> None:
    sandbox.die_with_parent()
    requests = sys.stdin.buffer
    with open(os.dup(1), "wb") as wire:  # noqa: PTH123
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sandbox.enter(None, file_bytes=PACK_BYTES)
        sandbox.allow_cpu(CPU_SECONDS)
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        request = read(requests)
        if request is not None:
            for frame in _answer(request):
                wire.write(frame)
            wire.flush()


def _answer(request: Message) -> Iterator[bytes]:
    try:
        yield from _read_repository(request)
    except LongshoreError as error:
        yield _refusal(error)
    except MemoryError:
        yield _refusal(_too_large("it needs more memory to unpack than a repository may"))
    except OSError as error:
        yield _refusal(_disk(error))
    except Exception as error:
        yield _refusal(
            InvalidSource(
                "repository_broken",
                f"What the server sent cannot be unpacked: {type(error).__name__}: {error}.",
                "Check the repository with git fsck.",
            )
        )


def _read_repository(request: Message) -> Iterator[bytes]:
    remote = _remote(request)
    tip = remote.resolve(request["ref"])
    yield pack({"tip": {"commit": tip.commit.decode(), "name": tip.name}})
    if tip.commit.decode() == request["known"]["commit"]:
        return
    store, tree = remote.fetch(tip, Path(request["folder"]))
    known = {entry["path"]: Entry.model_validate(entry) for entry in request["known"]["entries"]}
    walk = Walk(store, Patterns(request["include"], request["exclude"]), known)
    for found in walk.files(tree):
        content = found.content or b""
        yield pack({"file": found.entry.model_dump(mode="json"), "bytes": len(content)})
        if content:
            yield content
    yield pack({"done": True})


def _remote(request: Message) -> Remote | LocalRepository:
    location = parse_location(request["url"])
    if location.scheme == "file":
        return LocalRepository(location, request["paths"])
    return Remote(location, request["own_hosts"], _credential(request["credential"]))


def _credential(given: dict[str, Any] | None) -> Credential | None:
    return Credential(**given) if given else None


def _disk(error: OSError) -> LongshoreError:
    if error.errno == 27:
        return _too_large(f"it is larger than {PACK_BYTES // 1024**3} GB packed")
    return LongshoreError("no_disk_space" if error.errno == 28 else "repository_unreachable", str(error))


def _too_large(reason: str) -> InvalidSource:
    return InvalidSource("repository_too_large", f"The repository cannot be read: {reason}.", "Import a part of it.")


def _refusal(error: LongshoreError) -> bytes:
    invalid = isinstance(error, InvalidSource)
    return pack({"refused": {"code": error.code, "message": str(error), "hint": error.hint, "invalid": invalid}})


if __name__ == "__main__":
    serve()
