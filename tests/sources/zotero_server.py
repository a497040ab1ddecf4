"""A server of libraries as zotero.org's API has them, version 3, on loopback, with a log of what was asked of it."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.sources.background import answering

PDF = "application/pdf"
PAGE = 100


@dataclass
class Answer:
    """`times` is how often it is given instead of the server's own."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    times: int = 1


@dataclass
class ZoteroServer:
    """One library. Whatever is written to it makes its version one more."""

    library: str = "groups/456"
    port: int = 0
    version: int = 10
    key: str | None = None
    """Of the API, without which nothing is told, if set."""
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: {"items": [], "collections": []})
    files: dict[str, bytes] = field(default_factory=dict)
    packed: set[str] = field(default_factory=set)
    """Keys of files that are served as zips."""
    redirect: str | None = None
    """Where files are sent for, with `{key}`; this server's own storage if None."""
    asked: list[str] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    """Of the monotonic clock, for each of them."""
    keys_seen: list[tuple[str, str | None]] = field(default_factory=list)
    """The path of each request, and the API key that it carried."""
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    """Given instead of the server's own where the pattern is found in what is asked for."""
    before: Callable[[str], None] = lambda _: None
    """Called with what is asked for."""
    page: int = PAGE

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, key: str, item_type: str = "journalArticle", **data: Any) -> None:
        self.version += 1
        old = self.items.get(key, {}).get("data", {})
        told = {"tags": [], "collections": [], **old, "itemType": item_type, **data}
        self.items[key] = {"key": key, "version": self.version, "data": told}

    def attach(
        self, key: str, content: bytes | None, filename: str = "paper.pdf", parent: str | None = None, **data: Any
    ) -> None:
        """A stored file; without content, one that the server does not have."""
        told = {
            "linkMode": "imported_file",
            "title": "Full Text PDF",
            "filename": filename,
            "contentType": PDF,
            "md5": hashlib.md5(content).hexdigest() if content is not None else None,
            **({"parentItem": parent} if parent else {}),
            **data,
        }
        if content is not None:
            self.files[key] = content
        self.put(key, "attachment", **told)

    def collect(self, key: str, name: str, parent: str | None = None) -> None:
        self.version += 1
        data = {"name": name, "parentCollection": parent or False}
        self.collections[key] = {"key": key, "version": self.version, "data": data}

    def delete(self, key: str) -> None:
        """For good, as by emptying the bin."""
        self.version += 1
        kind = "items" if key in self.items else "collections"
        (self.items if kind == "items" else self.collections).pop(key)
        self.deleted[kind].append((key, self.version))

    def refuse(self, pattern: str, status: int, headers: Mapping[str, str] | None = None, times: int = 1) -> None:
        self.answers.append((pattern, Answer(status, headers or {}, times=times)))

    def answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        self.asked.append(target)
        self.asked_at.append(time.monotonic())
        self.keys_seen.append((target, headers.get("Zotero-API-Key")))
        self.before(target)
        for pattern, instead in self.answers:
            if instead.times and re.search(pattern, target):
                instead.times -= 1
                return instead
        parts = urlsplit(target)
        if parts.path.startswith("/storage/"):
            return Answer(200, {"Content-Type": PDF}, self.files[parts.path.rpartition("/")[2]])
        if self.key and headers.get("Zotero-API-Key") != self.key:
            return Answer(403, {}, b"Invalid key" if "Zotero-API-Key" in headers else b"Forbidden")
        if not parts.path.startswith(f"/{self.library}/"):
            return Answer(404, {}, b"Not found")
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self._told(parts.path.removeprefix(f"/{self.library}/"), asked, headers)

    def _told(self, path: str, asked: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        if file := re.fullmatch(r"items/(\w+)/file", path):
            return self._file(file[1])
        since = int(asked.get("since", "0"))
        if int(headers.get("If-Modified-Since-Version", "-1")) >= self.version:
            return self._json(None, 304)
        if path == "deleted":
            return self._json(
                {kind: [key for key, version in gone if version > since] for kind, gone in self.deleted.items()}
            )
        objects = self.collections if path == "collections" else self.items
        changed = {key: found for key, found in sorted(objects.items()) if found["version"] > since}
        if asked.get("includeTrashed") != "1":
            changed = {key: found for key, found in changed.items() if not found["data"].get("deleted")}
        if asked.get("format") == "versions":
            return self._json({key: found["version"] for key, found in changed.items()})
        if "itemKey" in asked:
            keys = asked["itemKey"].split(",")
            assert len(keys) <= 50
            return self._json([changed[key] for key in keys if key in changed])
        start, limit = int(asked.get("start", "0")), min(self.page, int(asked.get("limit", "25")))
        listed = list(changed.values())
        answer = self._json(listed[start : start + limit])
        if start + limit < len(listed):
            # As behind a proxy, the link names a host of its own.
            link = f"https://api.zotero.example/{self.library}/{path}?limit={limit}&start={start + limit}"
            answer.headers = {**answer.headers, "Link": f'<{link}>; rel="next", <{link}>; rel="last"'}
        return answer

    def _file(self, key: str) -> Answer:
        if key not in self.files:
            return Answer(404, {}, b"Not found")
        target = (self.redirect or f"{self.url}/storage/{{key}}").format(key=key)
        return Answer(302, {"Location": target, "Zotero-File-Compressed": "Yes" if key in self.packed else "No"})

    def _json(self, told: object, status: int = 200) -> Answer:
        headers = {"Last-Modified-Version": str(self.version), "Content-Type": "application/json"}
        return Answer(status, headers, b"" if told is None else json.dumps(told).encode())


@contextmanager
def serving(library: ZoteroServer) -> Iterator[ZoteroServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = library.answer(self.path, self.headers)  # type: ignore[arg-type]
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    library.port = httpd.server_port
    with answering(httpd):
        yield library
