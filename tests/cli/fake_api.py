"""A server that speaks the API's contract, whose imports follow a script."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from tests.cli.fake_routes import routes
from tests.cli.voyages import AT, COUNTS, SUCCESS, Json, Voyage, stages


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
        config = uvicorn.Config(routes(self), log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
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


def wait_for(condition: Callable[[], Any], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)
