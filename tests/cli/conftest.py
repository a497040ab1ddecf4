"""Ways to run the command against a server that speaks the API's contract."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from longshore.cli import app as command
from tests.cli.fake_api import FakeApi
from tests.cli.voyages import Json


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
