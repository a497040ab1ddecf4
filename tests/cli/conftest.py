"""A server that speaks the API's contract, whose imports follow a script, and ways to run the command against it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from longshore.cli import app as command

Json = dict[str, Any]
STAGES = ("stage", "plan", "parse", "extract", "embed", "write", "retire", "link", "close")
COUNTS = {"total": 4, "added": 3, "changed": 0, "unchanged": 0, "removed": 0, "duplicate": 1, "skipped": 0, "failed": 0}
AT = "2026-01-02T03:04:05+00:00"


def stages(done: int, running: int) -> list[Json]:
    """All stages: the first `done` are done, the next `running` under way."""
    found = []
    for number, name in enumerate(STAGES):
        state = "done" if number < done else "running" if number < done + running else "pending"
        amount = {"done": 4, "running": 2, "pending": 0}[state]
        found.append(
            {"name": name, "state": state, "unit": "items", "done": amount, "failed": 0, "total": 4, "rate_per_s": 2.0}
        )
    return found


@dataclass
class Voyage:
    """An import and the changes that it still goes through, one whenever it is looked at."""

    resource: Json
    script: list[Json]
    at_anchor: bool = False
    """Whether it stays as it is."""
    events_sent: int = 0

    def look(self) -> Json:
        seen = deepcopy(self.resource)
        if self.script and not self.at_anchor:
            self.resource.update(self.script.pop(0))
        return seen


SUCCESS: list[Json] = [
    {"state": "running", "fraction": 0.1, "stages": stages(1, 1)},
    {"fraction": 0.4, "stages": stages(2, 3), "items": COUNTS, "eta_range_s": [60, 130], "chunks": 40},
    {"fraction": 0.8, "stages": stages(7, 1)},
    {
        "state": "succeeded",
        "fraction": 1.0,
        "stages": stages(9, 0),
        "eta_range_s": None,
        "closed_at": "2026-01-02T03:05:17+00:00",
        "graph": {"documents": 3, "chunks": 120, "concepts": 45, "nodes": 60, "edges": 310},
    },
]


@dataclass
class FakeApi:
    """Args:
    hold: Whether new imports stay as they are.
    cut_after: Numbers of events after which each next stream is cut, in the order of the streams.
    streams: Whether there are server-sent events at all.
    refuse: A problem to answer a submission with.
    match: The known source that items are recognised as.
    """

    voyages: dict[tuple[str, str], Voyage] = field(default_factory=dict)
    items: list[Json] = field(default_factory=list)
    hits: list[Json] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    cut_puts: int = 0
    keys: dict[str, Json] = field(default_factory=dict)
    submissions: list[Json] = field(default_factory=list)
    steered: list[tuple[str, str]] = field(default_factory=list)
    orders: list[Json] = field(default_factory=list)
    projects: list[Json] = field(default_factory=list)
    sources: list[Json] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    schedules: dict[str, Json] = field(default_factory=dict)
    providers: list[Json] = field(default_factory=list)
    script: list[Json] = field(default_factory=lambda: deepcopy(SUCCESS))
    hold: bool = False
    cut_after: list[int] = field(default_factory=list)
    streams: bool = True
    refuse: Json | None = None
    match: Json | None = None
    compared: list[list[str]] = field(default_factory=list)
    plans: list[Json] = field(default_factory=list)
    """What becomes of plans, in the order in which they are looked at."""
    comparisons: list[Json] = field(default_factory=list)
    """What becomes of a comparison, in the order in which it is looked at; the last stays."""
    comparison_asked: list[tuple[str, Any]] = field(default_factory=list)
    port: int = 0
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def events_sent(self) -> int:
        return sum(voyage.events_sent for voyage in self.voyages.values())

    def forget(self) -> None:
        """Becomes as new, but for where it listens."""
        kept = {"port": self.port, "_server": self._server, "_thread": self._thread}
        self.__dict__.update({**FakeApi().__dict__, **kept})

    def start(self) -> None:
        """Listens, if it does not, on the port it had before or on a free one."""
        if self._server:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(_routes(self), log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, args=(self._server, listener))
        self._thread.start()
        wait_for(lambda: self._server is not None and self._server.started)

    def _serve(self, server: uvicorn.Server, listener: socket.socket) -> None:
        with listener:
            asyncio.run(server.serve(sockets=[listener]))

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(timeout=10)
            self._server = None

    def add(self, import_id: str, project: str = "library", **fields: Any) -> Voyage:
        """An import that is there already."""
        voyage = Voyage({**self._new(project, import_id, "zotero", "Old Books"), **fields}, deepcopy(self.script))
        voyage.at_anchor = True
        self.voyages[project, import_id] = voyage
        return voyage

    def submit(self, project: str, body: Json, key: str) -> Json:
        self.submissions.append({"project": project, **body})
        if key in self.keys:
            return self.keys[key]
        source = body["source"]
        import_id = f"{source['kind']}.{source['name'].lower().replace(' ', '-')}.{len(self.keys) + 1:08x}"
        resource = self._new(project, import_id, source["kind"], source["name"])
        self.voyages[project, import_id] = Voyage(resource, deepcopy(self.script), self.hold)
        self.keys[key] = {"submission": "started", "import": deepcopy(resource)}
        return self.keys[key]

    def _new(self, project: str, import_id: str, kind: str, name: str) -> Json:
        path = f"/v1/projects/{project}/imports/{import_id}"
        return {
            "project": project, "id": import_id,
            "source": {"key": import_id.rpartition(".")[0], "kind": kind, "name": name},
            "state": "queued", "reason": None, "live": True, "fraction": 0.0, "stages": stages(0, 0),
            "items": dict.fromkeys(COUNTS, 0), "chunks": 0, "graph": None, "warnings": 0, "attachments_failed": 0,
            "interruptions": 0, "eta_range_s": None, "attempt": 1, "last_error": None, "follow_up": None,
            "created_at": AT, "started_at": AT, "updated_at": AT, "closed_at": None,
            "links": {
                "self": path, "items": f"{path}/items", "events": f"{path}/events",
                "temporal_ui": "http://127.0.0.1:8233/namespaces/default/workflows/import",
            },
        }  # fmt: skip


def problem(status: int, code: str, detail: str, hint: str = "") -> JSONResponse:
    content = {"type": f"urn:{code}", "title": code, "status": status, "detail": detail, "code": code, "hint": hint}
    return JSONResponse(content, status, media_type="application/problem+json")


def _routes(fake: FakeApi) -> FastAPI:
    app = FastAPI()

    def voyage_of(project: str, import_id: str) -> Voyage | None:
        return fake.voyages.get((project, import_id))

    @app.get("/healthz")
    async def healthz() -> Json:
        return {"ok": True}

    @app.post("/v1/projects/{project}/blobs:missing")
    async def missing(project: str, asked: dict[str, list[str]]) -> Json:
        return {"missing": [digest for digest in asked["sha256"] if digest not in fake.blobs]}

    @app.put("/v1/projects/{project}/blobs/{digest}", status_code=201)
    async def put(project: str, digest: str, request: Request) -> Response:
        if fake.cut_puts:
            fake.cut_puts -= 1
            return StreamingResponse(_broken_off(), 201)
        content = await request.body()
        if hashlib.sha256(content).hexdigest() != digest:
            return problem(422, "digest_mismatch", "The content is not what its digest says.")
        fake.puts.append(digest)
        fake.blobs[digest] = content
        return JSONResponse({"sha256": digest, "size": len(content)}, 201)

    @app.post("/v1/projects/{project}/imports")
    async def submit(project: str, body: dict[str, Any], request: Request) -> Response:
        if fake.refuse:
            return problem(**fake.refuse)
        return JSONResponse(fake.submit(project, body, request.headers["idempotency-key"]), 202)

    @app.post("/v1/projects/{project}/plans", status_code=202)
    async def make_plan(project: str, body: dict[str, Any]) -> Json:
        return {"id": "f" * 32, "state": "running", "preview": None, "failure": None}

    @app.get("/v1/projects/{project}/plans/{plan}")
    async def get_plan(project: str, plan: str) -> Json:
        return fake.plans.pop(0)

    @app.api_route("/v1/projects/{project}/comparisons{rest:path}", methods=["GET", "POST", "DELETE"])
    async def comparisons(project: str, rest: str, request: Request) -> Any:
        if request.method == "GET":
            view = fake.comparisons.pop(0) if len(fake.comparisons) > 1 else fake.comparisons[0]
            return view if rest else {"comparisons": [view]}
        asked = await request.json() if await request.body() else None
        fake.comparison_asked.append((f"{request.method} {rest}", asked))
        return Response(status_code=204) if request.method == "DELETE" else fake.comparisons[0]

    @app.post("/v1/projects/{project}/sources:match")
    async def match(project: str, asked: dict[str, Any]) -> Json:
        fake.compared.append(asked["keys"])
        return {"source": fake.match}

    @app.get("/v1/imports")
    async def imports(project: str | None = None, state: str | None = None) -> Json:
        found = [voyage.resource for voyage in fake.voyages.values()]
        found = [r for r in found if project in (None, r["project"]) and state in (None, r["state"])]
        return {"imports": found}

    @app.get("/v1/projects/{project}/imports/{import_id}")
    async def show(project: str, import_id: str) -> Response:
        found = voyage_of(project, import_id)
        if not found:
            return problem(404, "import_not_found", f"There is no import {import_id} in {project}.")
        return JSONResponse(found.look())

    @app.get("/v1/projects/{project}/imports/{import_id}/items")
    async def items(
        project: str,
        import_id: str,
        page_size: int,
        state: str = "",
        code: str = "",
        problems: bool = False,
        page_token: str = "0",
    ) -> Json:
        found = [item for item in fake.items if not state or item["state"] == state or state in _states(item)]
        found = [item for item in found if not code or item["code"] == code]
        if problems:
            found = [item for item in found if item["state"] in ("failed", "skipped") or _states(item) - {"read"}]
            found = [item for item in found if item["code"] != "cancelled"]
        start = int(page_token)
        end = start + min(page_size, 2)
        return {"items": found[start:end], "next_page_token": str(end) if end < len(found) else None}

    @app.get("/v1/projects/{project}/imports/{import_id}/events")
    async def events(project: str, import_id: str) -> Response:
        found = voyage_of(project, import_id)
        if not fake.streams or not found:
            return problem(404, "not_found", "There is nothing here.")
        return StreamingResponse(_stream(fake, found), media_type="text/event-stream")

    @app.post("/v1/projects/{project}/imports/{command}")
    async def steer(project: str, command: str, order: dict[str, Any] | None = None) -> Response:
        import_id, _, verb = command.rpartition(":")
        fake.steered.append((import_id, verb))
        fake.orders.append(order or {})
        found = fake.voyages[project, import_id]
        if found.resource["state"] == "partially_succeeded" and verb in ("pause", "approve"):
            return problem(409, "state_conflict", f"Import {import_id} is partially_succeeded, so {verb} ...")
        if found.resource["state"] == "cancelled":
            return problem(409, "import_closed", f"The import is cancelled; it cannot {verb}.", "Start a new one.")
        if verb in ("retry-failed", "undo") and found.resource["closed_at"]:
            return JSONResponse({"import": fake.add(f"{import_id}2", project).resource}, 202)
        return JSONResponse({"import": found.resource}, 202)

    @app.get("/v1/providers")
    async def providers() -> Json:
        return {"providers": fake.providers}

    @app.put("/v1/providers/{provider}/limit")
    async def limit(provider: str, asked: dict[str, Any]) -> Json:
        [found] = [one for one in fake.providers if one["id"] == provider]
        found["rps"] = asked["rps"]
        return found

    @app.post("/v1/providers/{provider}:reset")
    async def reset(provider: str) -> Json:
        [found] = [one for one in fake.providers if one["id"] == provider]
        found["gate"] = None
        return found

    @app.get("/v1/projects")
    async def projects() -> Json:
        return {"projects": fake.projects}

    @app.get("/v1/projects/{project}/sources")
    async def sources(project: str) -> Json:
        return {"sources": fake.sources}

    @app.delete("/v1/projects/{project}")
    async def delete_project(project: str, dry_run: bool = False) -> Response:
        if not dry_run:
            fake.deleted.append(project)
            return JSONResponse({"project": project, "deleting": True}, 202)
        return JSONResponse({"documents": 1, "items": 2, "blobs": 3, "bytes": 4_200_000})

    @app.delete("/v1/projects/{project}/sources/{source}")
    async def delete_source(project: str, source: str, dry_run: bool = False) -> Response:
        if not dry_run:
            fake.deleted.append(source)
            removal = fake.add(f"{source}.0000000000ff", project).resource
            return JSONResponse({"submission": "started", "import": removal}, 202)
        return JSONResponse({"documents": 1, "items": 2, "blobs": 0, "bytes": 0})

    @app.api_route("/v1/projects/{project}/sources/{source}/schedule", methods=["GET", "PUT", "DELETE"])
    async def schedule(project: str, source: str, request: Request) -> Any:
        if request.method == "PUT":
            asked = {"every_s": None, "cron": None, "time_zone": "UTC", **(await request.json())}
            fake.schedules[source] = {**asked, "paused": False, "next_at": "2026-01-02T03:00:00Z", "last_at": None}
        if request.method == "DELETE":
            del fake.schedules[source]
            return Response(status_code=204)
        return fake.schedules[source]

    @app.get("/v1/projects/{project}/sources/{source}/hook")
    async def hook(project: str, source: str) -> dict[str, str]:
        return {"path": f"/v1/hooks/{project}/{source}", "secret": "a-secret"}

    @app.get("/v1/projects/{project}/search")
    async def search(project: str, q: str, limit: int) -> Json:
        return {"results": [hit for hit in fake.hits if q.lower() in hit["text"].lower()][:limit]}

    @app.get("/v1/projects/{project}/graph/hash")
    async def graph_hash(project: str) -> Json:
        names = ("documents", "chunks", "vectors", "nodes", "edges", "provenance")
        return {"digest": "d" * 64, "sets": {name: name[0] * 64 for name in names}}

    @app.get("/v1/system/status")
    async def status() -> Json:
        return {
            "version": "0.1.0",
            "database": {"ok": True, "detail": ""},
            "temporal": {"ok": True, "address": "127.0.0.1:7233", "ui": "http://127.0.0.1:8233", "detail": ""},
            "workers": [{"queue": "imports", "pollers": 1, "last_seen_s": 0.5}],
        }

    return app


def _states(item: Json) -> set[str]:
    return {attachment["state"] for attachment in item["attachments"]}


async def _broken_off() -> AsyncIterator[bytes]:
    yield b"{"
    raise ConnectionResetError


async def _stream(fake: FakeApi, voyage: Voyage) -> AsyncIterator[str]:
    cut_after = fake.cut_after.pop(0) if fake.cut_after else None
    sent = 0
    name = "snapshot"
    while True:
        if cut_after == sent:
            raise ConnectionResetError
        seen = voyage.look()
        closed = seen["closed_at"] is not None
        yield f"event: {'done' if closed else name}\ndata: {json.dumps(seen)}\n\n"
        sent += 1
        voyage.events_sent += 1
        if closed:
            return
        name = "progress"
        await asyncio.sleep(0.02)


def wait_for(condition: Callable[[], Any], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def events(self) -> list[Json]:
        return [json.loads(line) for line in self.out.splitlines()]

    def event(self, name: str) -> Json:
        return next(event for event in self.events if event["event"] == name)


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def server() -> Iterator[FakeApi]:
    server = FakeApi()
    yield server
    server.stop()


@pytest.fixture
def fake(server: FakeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeApi:
    """The server as new, listening, and known to the command."""
    server.forget()
    server.start()
    monkeypatch.setenv("LONGSHORE_API_URL", server.url)
    monkeypatch.setenv("LONGSHORE_HOME", str(tmp_path / "home"))
    return server


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line within this process; without the fixture `fake`, nothing runs that it could reach."""
    monkeypatch.setenv("LONGSHORE_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> Result:
        capsys.readouterr()
        code = command.run(list(arguments))
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return call


@pytest.fixture
def spawn() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the command as a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", "from longshore.cli.app import main; main()", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy(),
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder as Zotero exports it: an RDF file with two items, each with a file."""
    folder = tmp_path / "Old Books"
    for number in (1, 2):
        (folder / "files" / str(number)).mkdir(parents=True)
        (folder / "files" / str(number) / "text.pdf").write_bytes(b"%PDF-1.4 " + str(number).encode() * 2_000_000)
    (folder / "Old Books.rdf").write_text(RDF)
    return folder


RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:z="http://www.zotero.org/namespaces/export#"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:bib="http://purl.org/net/biblio#"
 xmlns:link="http://purl.org/rss/1.0/modules/link/">
  <bib:Book rdf:about="#item_1"><z:itemType>book</z:itemType><dc:title>On Tides</dc:title>
    <link:link rdf:resource="#item_11"/></bib:Book>
  <z:Attachment rdf:about="#item_11"><z:itemType>attachment</z:itemType>
    <rdf:resource rdf:resource="files/1/text.pdf"/><dc:title>PDF</dc:title><link:type>application/pdf</link:type>
  </z:Attachment>
  <bib:Book rdf:about="#item_2"><z:itemType>book</z:itemType><dc:title>On Winds</dc:title>
    <link:link rdf:resource="#item_12"/></bib:Book>
  <z:Attachment rdf:about="#item_12"><z:itemType>attachment</z:itemType>
    <rdf:resource rdf:resource="files/2/text.pdf"/><dc:title>PDF</dc:title><link:type>application/pdf</link:type>
  </z:Attachment>
</rdf:RDF>
"""
