"""What the fake API answers."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from tests.cli.voyages import Json, Voyage

if TYPE_CHECKING:
    from tests.cli.fake_api import FakeApi


def problem(status: int, code: str, detail: str, hint: str = "") -> JSONResponse:
    content = {"type": f"urn:{code}", "title": code, "status": status, "detail": detail, "code": code, "hint": hint}
    return JSONResponse(content, status, media_type="application/problem+json")


def routes(fake: FakeApi) -> FastAPI:
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
