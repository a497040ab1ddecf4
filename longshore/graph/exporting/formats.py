"""The formats that a project can be taken away in, and how one is written."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from longshore.graph.db import Connection, see_one_state
from longshore.graph.exporting import csl, graphml, queries

FormatName = Literal["graphml", "csl-json", "jsonl"]

_ROWS_FETCHED = 500
_PIECE_CHARACTERS = 64 * 1024
_IDLE_LIMIT = "60s"
"""How long a reader may take nothing before the database gives its snapshot up."""


@dataclass(frozen=True)
class Section:
    """Rows, each with how it is written; a row that is not is None."""

    name: str
    query: str
    write: Callable[[Mapping[str, Any]], str | None]


@dataclass(frozen=True)
class Format:
    media_type: str
    extension: str
    sections: tuple[Section, ...]
    head: Callable[[str], str] = lambda project: ""
    """Takes the project's name."""
    between: str = ""
    tail: str = ""


def _line(kind: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: json.dumps({"type": kind, **row}, ensure_ascii=False, default=str) + "\n"


FORMATS: dict[FormatName, Format] = {
    "graphml": Format(
        "application/graphml+xml",
        "graphml",
        (
            Section("documents", queries.DOCUMENTS, graphml.document),
            Section("nodes", queries.NODES, graphml.node),
            Section("edges", queries.EDGES, graphml.edge),
        ),
        head=graphml.head,
        tail=graphml.TAIL,
    ),
    "csl-json": Format(
        "application/vnd.citationstyles.csl+json",
        "csl.json",
        (Section("documents", queries.DOCUMENTS, csl.csl_line),),
        head=lambda project: "[\n",
        between=",\n",
        tail="\n]\n",
    ),
    "jsonl": Format(
        "application/x-ndjson",
        "jsonl",
        (
            Section("documents", queries.DOCUMENTS_WITH_PARTS, _line("document")),
            Section("passages", queries.PASSAGES, _line("passage")),
            Section("nodes", queries.NODES_WITH_PROVENANCE, _line("node")),
            Section("edges", queries.EDGES_WITH_PROVENANCE, _line("edge")),
        ),
    ),
}


async def begin_snapshot(connection: Connection) -> None:
    """Let all that follows in this transaction see one state of the graph; the first statement of it."""
    await see_one_state(connection)
    await connection.execute(f"set local idle_in_transaction_session_timeout = '{_IDLE_LIMIT}'")


async def export(connection: Connection, project: str, name: FormatName) -> AsyncGenerator[bytes, None]:
    """A project's export in pieces of some 64 KiB of UTF-8.

    Rows come through server-side cursors, so that memory does not grow with the project. Close it if it is left early.
    """
    chosen = FORMATS[name]
    piece = _Piece()
    piece.add(chosen.head(project))
    before = ""
    for section in chosen.sections:
        async with connection.cursor(name=f"export_{section.name}") as reader:
            reader.itersize = _ROWS_FETCHED
            await reader.execute(section.query, {"project": project})
            async for row in reader:
                if text := section.write(row):
                    piece.add(before + text)
                    before = chosen.between
                if piece.full:
                    yield piece.take()
    piece.add(chosen.tail)
    yield piece.take()


class _Piece:
    """Texts that are sent together."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._size = 0

    @property
    def full(self) -> bool:
        return self._size >= _PIECE_CHARACTERS

    def add(self, text: str) -> None:
        self._texts.append(text)
        self._size += len(text)

    def take(self) -> bytes:
        taken = "".join(self._texts).encode()
        self._texts, self._size = [], 0
        return taken
