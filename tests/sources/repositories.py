"""Git repositories made by the tests, served over smart HTTP on loopback."""

from __future__ import annotations

import stat
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from dulwich.objects import Blob, Commit, ObjectID, Tag, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo
from dulwich.server import BackendRepo, DictBackend
from dulwich.web import make_wsgi_chain

from tests.sources.background import answering

PERSON = b"Test <test@example.org>"
FILE = stat.S_IFREG | 0o644
LINK = stat.S_IFLNK
SUBMODULE = 0o160000

Files = Mapping[str, bytes]


@dataclass
class Upstream:
    """A repository that is written to without a working tree."""

    repo: Repo
    branch: str = "trunk"
    _time: int = 1_700_000_000
    files: dict[str, bytes] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def create(cls, folder: Path, branch: str = "trunk") -> Upstream:
        folder.mkdir(parents=True)
        repo = Repo.init_bare(folder)
        repo.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(b"refs/heads/" + branch.encode()))
        return cls(repo, branch)

    def put(self, files: Mapping[str, str | bytes], mode: int = FILE) -> None:
        for path, content in files.items():
            self.files[path] = content.encode() if isinstance(content, str) else content
            self.modes[path] = mode

    def commit(self, branch: str | None = None) -> str:
        """Commit the files as they are, and move the branch there."""
        ref = Ref(b"refs/heads/" + (branch or self.branch).encode())
        return self.commit_tree(self._tree(self.files), ref)

    def commit_tree(self, tree: ObjectID, ref: Ref | None = None) -> str:
        ref = ref or Ref(b"refs/heads/" + self.branch.encode())
        commit = Commit()
        commit.tree = tree
        commit.author = commit.committer = PERSON
        self._time += 60
        commit.author_time = commit.commit_time = self._time
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = b"change"
        if ref in self.repo.refs:
            commit.parents = [self.repo.refs[ref]]
        self.repo.object_store.add_object(commit)
        self.repo.refs[ref] = commit.id
        return commit.id.decode()

    def tag(self, name: str, commit: str) -> None:
        """An annotated tag."""
        tag = Tag()
        tag.name, tag.tagger, tag.message = name.encode(), PERSON, b"release"
        tag.object = (Commit, ObjectID(commit.encode()))
        tag.tag_time, tag.tag_timezone = self._time, 0
        self.repo.object_store.add_object(tag)
        self.repo.refs[Ref(b"refs/tags/" + name.encode())] = tag.id

    def tree(self, entries: Mapping[bytes, tuple[int, ObjectID]]) -> ObjectID:
        """A tree with any names, also such as no file system would have."""
        tree = Tree()
        for name, (mode, sha) in entries.items():
            tree.add(name, mode, sha)
        self.repo.object_store.add_object(tree)
        return tree.id

    def blob(self, content: bytes) -> ObjectID:
        blob = Blob.from_string(content)
        self.repo.object_store.add_object(blob)
        return blob.id

    def _tree(self, files: Files, prefix: str = "") -> ObjectID:
        entries: dict[bytes, tuple[int, ObjectID]] = {}
        folders: dict[str, dict[str, bytes]] = {}
        for path, content in files.items():
            head, _, rest = path.partition("/")
            if rest:
                folders.setdefault(head, {})[rest] = content
            elif self.modes[prefix + path] == SUBMODULE:
                entries[head.encode()] = (SUBMODULE, ObjectID(content))
            else:
                entries[head.encode()] = (self.modes[prefix + path], self.blob(content))
        for name, inner in folders.items():
            entries[name.encode()] = (stat.S_IFDIR, self._tree(inner, f"{prefix}{name}/"))
        return self.tree(entries)


@dataclass
class Server:
    """Where the repositories are served, and what was asked of it."""

    port: int
    asked: list[str] = field(default_factory=list)
    token: str | None = None
    """Asked for as a password, if set."""
    answers: dict[str, str] = field(default_factory=dict)
    """HTTP status lines by path, instead of git's own answer."""
    before_fetch: threading.Event | None = None
    """A fetch waits for it, if set."""

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    @property
    def fetches(self) -> int:
        return sum(path.endswith("/git-upload-pack") for path in self.asked)


class _ThreadingServer(WSGIServer):
    """Each request in a thread that does not outlive the tests."""

    def process_request(self, request: Any, client_address: Any) -> None:
        threading.Thread(target=self._process, args=(request, client_address), daemon=True).start()

    def _process(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except ConnectionError:
            pass
        finally:
            self.shutdown_request(request)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(repositories: Mapping[str, Repo]) -> Iterator[Server]:
    """Serve each repository under its name."""
    served: dict[str, BackendRepo] = {f"/{name}": repo for name, repo in repositories.items()}
    inner = make_wsgi_chain(DictBackend(served))
    server = Server(0)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        path = environ["PATH_INFO"]
        server.asked.append(path)
        if path in server.answers:
            start_response(server.answers[path], [("Location", "http://127.0.0.1:9/elsewhere")])
            return [b""]
        if server.token and not _knows(environ, server.token):
            start_response("401 Unauthorized", [("WWW-Authenticate", "Basic realm=test")])
            return [b""]
        if path.endswith("/git-upload-pack") and server.before_fetch:
            server.before_fetch.wait(30)
        return inner(environ, start_response)

    httpd = make_server("127.0.0.1", 0, application, _ThreadingServer, _Quiet)
    server.port = httpd.server_port
    with answering(httpd):
        yield server


def _knows(environ: WSGIEnvironment, token: str) -> bool:
    scheme, _, value = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return scheme == "Basic" and b64decode(value).decode().partition(":")[2] == token
