"""As much of HTTP/1.1 as the fake provider needs: enough to be spoken to, and to break it on purpose."""

from __future__ import annotations

import asyncio
import gzip
import http
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from longshore.dev.script import Rule

_MOST_BODY = 64 << 20
_REASONS = {int(status): status.phrase for status in http.HTTPStatus}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """Without its parameters."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def key(self) -> str:
        return self.headers.get("api-key") or self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> dict[str, Any]:
        """The body; an empty object if it is none."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None when there is none, or it is not understood."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "0")
    if len(first.split(" ")) != 3 or not length.isdigit() or int(length) > _MOST_BODY:
        return None
    method, target, _ = first.split(" ")
    return Request(method, target.partition("?")[0], headers, await reader.readexactly(int(length)))


async def send(
    writer: asyncio.StreamWriter, status: int, body: object, headers: Mapping[str, str] | None = None
) -> bool:
    """Sends a whole answer; the connection stays good."""
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    writer.write(_head(status, len(content), headers or {}) + content)
    await writer.drain()
    return True


async def spoil(writer: asyncio.StreamWriter, rule: Rule, answer: object) -> bool:
    """Sends the answer as the rule spoils it; False, and nothing is sent, if the rule spoils no transfer."""
    content = json.dumps(answer).encode()
    match rule.do:
        case "reset":
            _reset(writer)
        case "hang":
            await asyncio.Event().wait()
        case "drip":
            await _drip(writer, content, rule.interval_s)
        case "truncate":
            writer.write(_head(200, len(content), {}) + content[: len(content) // 2])
        case "endless":
            await _without_end(writer)
        case "bad_json":
            writer.write(_head(200, len(content) // 2, {}) + content[: len(content) // 2])
        case "compressed":
            packed = gzip.compress(content)
            writer.write(_head(200, len(packed), {"Content-Encoding": "gzip"}) + packed)
        case _:
            return False
    return True


def _head(status: int, length: int | None, headers: Mapping[str, str]) -> bytes:
    reason = _REASONS.get(status, "Unknown")
    fields = {"Date": formatdate(usegmt=True), "Content-Type": "application/json", **headers}
    if length is not None:
        fields["Content-Length"] = str(length)
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends the connection with RST, as a crashed server or a firewall does."""
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _drip(writer: asyncio.StreamWriter, content: bytes, interval_s: float) -> None:
    writer.write(_head(200, len(content), {}))
    for place in range(len(content)):
        writer.write(content[place : place + 1])
        await writer.drain()
        await asyncio.sleep(interval_s)


async def _without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(_head(200, None, {"Connection": "close"}) + b'{"data": [')
    while not writer.is_closing():
        writer.write(b"0, " * 20_000)
        await writer.drain()
