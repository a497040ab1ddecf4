"""A parser process: `python -m longshore.parsing.child [ADDRESS_SPACE_BYTES]`. Serves one request after the other.

A request is {path, media_type, name, passage, cpu_seconds}. The answer is any number of
{chunks: [{start, end, …}, …]} and last {parsed: …}, or {failure: {code, message, hint}}, or {os_error: [number, text]}.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from longshore.confined import sandbox
from longshore.confined.frames import Message, pack, read
from longshore.parsing.document import parse_file
from longshore.parsing.failures import crashed, out_of_memory
from longshore.parsing.further import load_parsers
from longshore.parsing.model import Parsed, ParseFailure

_CHUNKS_IN_FRAME = 128


def serve() -> None:
    sandbox.die_with_parent()
    requests = sys.stdin.buffer
    # The wire gets a descriptor of its own: a library that prints must not be able to write into an answer.
    with open(os.dup(1), "wb") as wire:  # noqa: PTH123
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        load_parsers()
        sandbox.enter(int(sys.argv[1]) if len(sys.argv) > 1 else None)
        wire.write(pack({"ready": True}))
        wire.flush()
        os.dup2(silence, 2)
        while (request := read(requests)) is not None:
            sandbox.allow_cpu(request["cpu_seconds"])
            for frame in _answer(request):
                wire.write(pack(frame))
            wire.flush()


def _answer(request: Message) -> Iterator[Message]:
    name = request["name"]
    try:
        yield from _frames(parse_file(Path(request["path"]), request["media_type"], name, request["passage"]))
    except ParseFailure as failure:
        yield _refusal(failure)
    except MemoryError:
        yield _refusal(out_of_memory(name))
    except OSError as error:
        yield {"os_error": [error.errno, error.strerror]}
    except Exception as error:
        yield _refusal(crashed(name, f"{type(error).__name__}: {error}"))


def _frames(parsed: Parsed) -> Iterator[Message]:
    rows = [chunk.model_dump() for chunk in parsed.chunks]
    for first in range(0, len(rows), _CHUNKS_IN_FRAME):
        yield {"chunks": rows[first : first + _CHUNKS_IN_FRAME]}
    yield {"parsed": parsed.model_dump(exclude={"chunks"})}


def _refusal(failure: ParseFailure) -> Message:
    return {"failure": {"code": failure.code, "message": str(failure), "hint": failure.hint}}


if __name__ == "__main__":
    serve()
