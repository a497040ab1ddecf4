"""A source as it is named on the command line: read, named, and ready to be handed over."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longshore.cli import wording
from longshore.cli.library import Choice, online_library
from longshore.cli.naming import runnable
from longshore.cli.output import BadInput, print_json
from longshore.cli.reaching import given_url
from longshore.cli.repository import Repository, is_url

if TYPE_CHECKING:
    from longshore.cli.client import Api
    from longshore.cli.uploading import Blob
    from longshore.cli.watching import View
    from longshore.sources.manifest import LocalSource

Origin = Annotated[
    str,
    typer.Argument(
        metavar="PATH|URL",
        help="A Zotero export, a bibliography, any files (a folder, a file, a zip), or the URL of a git repository or "
        "of a library of zotero.org.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option("--name", metavar="N", help="The library's name; by default its title, else its folder's name."),
]
Ref = Annotated[
    str | None,
    typer.Option("--ref", metavar="R", help="Of a repository: a branch, a tag or a commit; else its default."),
]
Include = Annotated[
    list[str] | None,
    typer.Option("--include", metavar="P", help="Of a repository: only these paths, as in .gitignore. Repeatable."),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="P", help="Of a repository: without these paths. Repeatable."),
]
Credential = Annotated[
    str | None,
    typer.Option("--credential", metavar="C", help="Of what is private: what its operator calls its token or key."),
]
Collections = Annotated[
    list[str] | None,
    typer.Option("--collection", metavar="C", help="Of a Zotero library: only what it contains. Repeatable."),
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="T", help="Of a Zotero library: only what has it. Repeatable.")
]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="T", help="Of a Zotero library: only such items, as journalArticle. Repeatable."),
]


@dataclass(frozen=True)
class Asked:
    """The words of the command line that say what is to be read."""

    path: str
    project: str
    name: str | None = None
    ref: str | None = None
    include: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    credential: str | None = None
    choice: Choice = field(default_factory=lambda: Choice([], [], []))


@dataclass(frozen=True)
class Order:
    """A source that can be handed over."""

    source: dict[str, Any]
    """As the API takes it."""
    project: str
    blobs: tuple[Blob, ...]
    """What it brings, the manifest last."""


@dataclass
class Interruption:
    """What is said where Ctrl-C comes before the hand-over."""

    as_json: bool
    starting: bool = False
    """Whether the engines are being started."""

    def tell(self) -> None:
        if self.as_json:
            print_json({"event": "detached", "project": None, "id": None, "come_back": None})
            return
        print("Nothing was handed over yet; run the command again to go on.", file=sys.stderr)
        if self.starting and not given_url():
            print(runnable("The engines go on starting; `longshore down` stops them."), file=sys.stderr)


def place(asked: Asked, interruption: Interruption) -> tuple[Order, View]:
    """Reads what is to be read, starts what is not running, and settles the name; the order, and where it is shown.

    Raises:
        LongshoreError: the source cannot be read, or the engines cannot be started.
    """
    if not asked.path.strip():
        raise BadInput("no_path", "PATH is empty.", "Name a folder, a file or a zip.")
    _check_project(asked.project)
    repository = Repository(asked.path, asked.ref, asked.include, asked.exclude, asked.credential)
    if library := online_library(asked.path, asked.name, asked.credential, asked.choice):
        replace(repository, credential=None).refuse_choices()
        return _place_fetched(library, asked, interruption)
    if is_url(asked.path):
        asked.choice.refuse(asked.path)
        return _place_fetched(repository.body(asked.name), asked, interruption)
    repository.refuse_choices()
    return _place_files(asked, interruption)


async def upload_missing(api: Api, order: Order, view: View) -> None:
    """Sends what the server does not have yet."""
    from longshore.cli.uploading import upload

    if order.blobs:
        view.note("Uploading what is not there yet")
        await upload(api, order.project, order.blobs, view.uploading)


def _check_project(project: str) -> None:
    if re.fullmatch(r"[a-z0-9-]{1,63}", project):
        return
    way, lower = "Use 1 to 63 lower-case letters, digits and hyphens.", project.lower()
    if re.fullmatch(r"[a-z0-9-]{1,63}", lower):
        way = f"Use lower-case letters: --project {lower}"
    raise BadInput("invalid_project", f"{project!r} cannot be the name of a project.", way)


def _place_files(asked: Asked, interruption: Interruption) -> tuple[Order, View]:
    from longshore.cli import cargo, reaching, recognising, watching
    from longshore.sources.manifest import item_keys, scan

    path = Path(asked.path)
    source = scan(path)
    if source.kind != "zotero":
        asked.choice.refuse(asked.path)
    named = cargo.name_of(source, path, asked.name)
    reaching.greet()
    view = watching.view_for(named, interruption.as_json)
    with view:
        if missing := _all_missing(source):
            view.say(missing)
        load = cargo.load(source, _reading(view, sum(file.size for file in source.files)))
        interruption.starting = True
        reaching.start(view.note)
        interruption.starting = False
    if asked.name is None:
        keys = partial(item_keys, source.kind, path, load.files, recognising.LOOKED_AT)
        chosen = recognising.settle_name(named, asked.project, source.kind, keys, view, as_json=interruption.as_json)
        if chosen != named:
            named, view = chosen, watching.view_for(chosen, interruption.as_json)
    body = {"kind": source.kind, "name": named, "manifest": load.manifest, **asked.choice.body()}
    return Order(body, asked.project, load.blobs), view


def _place_fetched(body: dict[str, Any], asked: Asked, interruption: Interruption) -> tuple[Order, View]:
    """What is to be fetched is the workers' to look at."""
    from longshore.cli import reaching, watching

    reaching.greet()
    view = watching.view_for(body["name"], interruption.as_json)
    with view:
        interruption.starting = True
        reaching.start(view.note)
        interruption.starting = False
    return Order(body, asked.project, ()), view


def _all_missing(source: LocalSource) -> str:
    """A sentence where a library names files and none of them is there, as where the .rdf alone was copied."""
    if not source.absent or len(source.files) > 1:
        return ""
    told = f"None of the {wording.counted(len(source.absent), 'file')} that the export names was found"
    if source.kind == "zotero":
        return f"{told}: is its files/ folder beside the .rdf?"
    return f"{told}: do they lie beneath the folder of the bibliography?"


def _reading(view: View, size: int) -> Callable[[int], None]:
    read = 0

    def count(octets: int) -> None:
        nonlocal read
        read += octets
        view.reading(read, size)

    return count
