"""A provider that is none: a real HTTP server that speaks their protocols, keeps a log, and misbehaves on a script.

Anybody who asks gets the log at `GET /fake/log`; `PUT /fake/script` puts another script in place. It is meant for
loopback, has no secrets and makes no calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from longshore.dev import pretending
from longshore.dev.refusing import Refusal, error_body, filled_in, limited
from longshore.dev.script import Rule, Script
from longshore.dev.serving import Request, read_request, send, spoil
from longshore.providers.waiting import retry_after_s


@dataclass
class Call:
    """One line of the log."""

    number: int
    at: float
    """Seconds since 1970, when the call had been read."""
    path: str
    protocol: str
    model: str
    items: int
    tokens: int
    texts: tuple[str, ...]
    """The beginning of the SHA-256 of each text."""
    authorised: bool
    in_flight: int
    """Calls that were being answered then, this one included."""
    early: bool
    """It came while a Retry-After that had been told before was still running."""
    did: str = "answer"
    status: int | None = None
    """None where no answer was sent to its end."""
    seconds: float = 0.0


@dataclass
class State:
    """What the provider remembers of its calls."""

    calls: list[Call] = field(default_factory=list)
    matched: dict[int, int] = field(default_factory=dict)
    """For each rule, how many calls its path and text fitted."""
    in_flight: int = 0
    closed_until: float = 0.0
    free_at: float = 0.0
    tokens: int = 0


class FakeProvider:
    """Serves while it is entered. Its state belongs to the event loop that it runs in."""

    def __init__(self, script: Script | None = None, *, port: int = 0, log: Path | None = None) -> None:
        self.script = script or Script()
        self.state = State()
        self._port = port
        self._log = log
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def calls(self) -> Sequence[Call]:
        return self.state.calls

    @property
    def url(self) -> str:
        """Without `/v1` or `/v2`, which any path may begin with."""
        return f"http://127.0.0.1:{self._port}"

    def follow(self, script: Script) -> None:
        """Follow another script from now on, counting calls anew; the log goes on."""
        self.script = script
        self.state.matched.clear()

    async def __aenter__(self) -> FakeProvider:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            # Nobody awaits this task, so its cancellation, when the server stops, is not to be told of.
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while request := await read_request(reader):
                    if not await self._serve(request, writer):
                        break
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection is still good for another request."""
        if request.path.startswith("/fake/"):
            status, answer = self._control(request)
            return await send(writer, status, answer)
        body = request.json()
        protocol = pretending.protocol_of(request.path, body)
        if request.method != "POST" or protocol is None:
            return await send(writer, 404, {"error": {"message": "no such address", "code": "not_found"}})
        call = self._noted(request, protocol, body)
        self.state.in_flight += 1
        try:
            return await self._answer(call, request, protocol, body, writer)
        finally:
            self.state.in_flight -= 1
            call.seconds = round(time.time() - call.at, 4)
            self._write(call)

    async def _answer(
        self,
        call: Call,
        request: Request,
        protocol: pretending.Protocol,
        body: dict[str, Any],
        writer: asyncio.StreamWriter,
    ) -> bool:
        rule = self._rule(request) or Rule()
        refused = self._refused(call, protocol, body) if rule.do != "refuse" else _scripted(rule, protocol)
        await asyncio.sleep(rule.delay_s)
        if refused:
            call.did, call.status = "refuse", refused.status
            wait = retry_after_s({name.lower(): value for name, value in refused.headers.items()})
            self.state.closed_until = max(self.state.closed_until, time.time() + (wait or 0))
            return await send(writer, refused.status, refused.body, refused.headers)
        call.did = rule.do
        salt = str(call.number) if self.script.vary else ""
        if protocol == "chat":
            answer = pretending.completion(body, salt, rule.do)
        else:
            answer = pretending.embeddings(protocol, body, self.script.dimensions, salt, rule.do)
        if await spoil(writer, rule, answer):
            return False
        call.status = 200
        return await send(writer, 200, answer)

    def _noted(self, request: Request, protocol: pretending.Protocol, body: dict[str, Any]) -> Call:
        texts = pretending.texts_of(protocol, body)
        now = time.time()
        call = Call(
            number=len(self.state.calls) + 1,
            at=now,
            path=request.path,
            protocol=protocol,
            model=str(body.get("model", "")),
            items=len(texts),
            tokens=sum(map(pretending.counted_tokens, texts)),
            texts=tuple(hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16] for text in texts),
            authorised=not self.script.keys or request.key in self.script.keys,
            in_flight=self.state.in_flight + 1,
            early=now < self.state.closed_until,
        )
        self.state.calls.append(call)
        return call

    def _rule(self, request: Request) -> Rule | None:
        chosen: Rule | None = None
        for place, rule in enumerate(self.script.rules):
            if rule.path not in request.path or rule.text not in request.text:
                continue
            count = self.state.matched[place] = self.state.matched.get(place, 0) + 1
            if chosen is None and rule.first <= count <= (rule.last or count):
                chosen = rule
        return chosen

    def _refused(self, call: Call, protocol: pretending.Protocol, body: dict[str, Any]) -> Refusal | None:
        if not call.authorised:
            return Refusal(401, {}, error_body(protocol, "Incorrect API key provided.", "invalid_api_key"))
        counts = [pretending.counted_tokens(text) for text in pretending.texts_of(protocol, body)]
        limits = self.script.limits
        saved = (limits.burst - 1) / limits.requests_per_s if limits.requests_per_s else 0.0
        refused = limited(limits, protocol, counts, self.state.tokens, self.state.free_at - saved - call.at)
        if refused is None:
            self.state.tokens += call.tokens
            if rate := limits.requests_per_s:
                self.state.free_at = max(self.state.free_at, call.at) + 1 / rate
        return refused

    def _control(self, request: Request) -> tuple[int, Any]:
        if request.method == "GET" and request.path == "/fake/log":
            return 200, {"calls": [asdict(call) for call in self.state.calls]}
        if request.method == "PUT" and request.path == "/fake/script":
            try:
                self.follow(Script.model_validate_json(request.body))
            except ValidationError as error:
                return 422, {"errors": error.errors(include_url=False, include_context=False)}
            return 200, {"rules": len(self.script.rules)}
        return 404, {"error": "GET /fake/log or PUT /fake/script"}

    def _write(self, call: Call) -> None:
        if self._log:
            with self._log.open("a") as file:
                file.write(json.dumps(asdict(call)) + "\n")


def _scripted(rule: Rule, protocol: pretending.Protocol) -> Refusal:
    body = error_body(protocol, "This was scripted.", "scripted") if rule.body is None else rule.body
    return Refusal(rule.status, {name: filled_in(value) for name, value in rule.headers.items()}, body)
