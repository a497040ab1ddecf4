"""The wire between a parent and its child: JSON messages, each behind its length as four bytes, big-endian."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

LENGTH_BYTES = 4
MAX_FRAME_BYTES = 4 << 20
MAX_ANSWER_BYTES = 96 << 20
"""All frames of one answer; twenty-four million characters of Hangul with what stands around them."""

Message = dict[str, Any]


def pack(message: Message) -> bytes:
    """A message as it goes over the wire. A lone surrogate, as in the name of an odd file, becomes its JSON escape."""
    payload = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
    return len(payload).to_bytes(LENGTH_BYTES) + payload


def read(stream: BinaryIO) -> Message | None:
    """The next message; None at the end of the stream."""
    header = stream.read(LENGTH_BYTES)
    if len(header) < LENGTH_BYTES:
        return None
    payload = stream.read(int.from_bytes(header))
    return unpack(payload)


def unpack(payload: bytes) -> Message:
    message: Message = json.loads(payload)
    return message
