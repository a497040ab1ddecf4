"""`longshore import`: brings a library in, from the files on the disk to the closing report."""

from __future__ import annotations

import asyncio
import re
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from longshore.cli import asking, wording
from longshore.cli.asking import AsJson, Project
from longshore.cli.naming import runnable
from longshore.cli.output import BadInput, Exit, print_json
from longshore.cli.reaching import given_url
from longshore.cli.repository import Repository, is_url

if TYPE_CHECKING:
    from longshore.cli.client import Api
    from longshore.cli.resources import Import
    from longshore.cli.uploading import Blob
    from longshore.cli.watching import View
    from longshore.sources.manifest import LocalSource

EXAMPLES = """\
[bold]Examples[/]

  longshore import ~/Zotero-export                   a folder with an .rdf file and its files/
  longshore import ~/papers                          a folder of PDFs, Office files, notes: each a document
  longshore import thesis.bib                        a bibliography (BibTeX, RIS, CSL-JSON) with the files it names
  longshore import library.zip --project thesis      the same, zipped, into a graph of its own
  longshore import https://example.org/o/project     a git repository, at the head of its default branch
  longshore import https://example.org/o/project --ref v2 --include docs/
  longshore import ~/Zotero-export --detach          hand it over and leave
  longshore import ~/Zotero-export --json | jq       a JSON object on each line
"""


def import_(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH|URL",
            help="A Zotero RDF export, a bibliography, any files (a folder, a file, a zip), or a git repository's URL.",
        ),
    ],
    project: Project = asking.DEFAULT_PROJECT,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="N", help="The library's name; by default its title, else its folder's name."),
    ] = None,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Do not ask when many items have gone from the library.")
    ] = False,
    ref: Annotated[
        str | None,
        typer.Option("--ref", metavar="R", help="Of a repository: a branch, a tag or a commit; else its default."),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="P", help="Of a repository: only these paths, as in .gitignore. Repeatable."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="P", help="Of a repository: without these paths. Repeatable."),
    ] = None,
    credential: Annotated[
        str | None,
        typer.Option("--credential", metavar="C", help="Of a private repository: what its operator calls its token."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 where single items or files failed.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Hand the library over and leave.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Import a Zotero library, a bibliography, a batch of files or a git repository into a searchable graph.

    Starts what is not running, uploads what is not there yet, and follows the import to its end.
    Ctrl-C detaches: the import goes on. The same library imported again costs only what changed.
    """
    if not path.strip():
        raise BadInput("no_path", "PATH is empty.", "Name a folder, a file or a zip.")
    _check_project(project)
    interruption = _Interruption(as_json)
    repository = Repository(path, ref, include or [], exclude or [], credential)
    try:
        if is_url(path):
            order, view = _prepare_repository(repository, project, name, allow_removals, interruption)
        else:
            repository.refuse_choices()
            order, view = _prepare(Path(path), project, name, allow_removals, interruption)
    except KeyboardInterrupt:
        interruption.tell()
        return Exit.DETACHED
    return asyncio.run(_import(order, view, strict=strict, detach=detach, as_json=as_json))


def _check_project(project: str) -> None:
    if re.fullmatch(r"[a-z0-9-]{1,63}", project):
        return
    way, lower = "Use 1 to 63 lower-case letters, digits and hyphens.", project.lower()
    if re.fullmatch(r"[a-z0-9-]{1,63}", lower):
        way = f"Use lower-case letters: --project {lower}"
    raise BadInput("invalid_project", f"{project!r} cannot be the name of a project.", way)


def _prepare(
    path: Path, project: str, name: str | None, allow_removals: bool, interruption: _Interruption
) -> tuple[Order, View]:
    """Reads the files, starts what is not running, and settles the name; what is to be imported, and its view."""
    from longshore.cli import cargo, reaching, recognising, watching
    from longshore.sources.manifest import item_keys, scan

    source = scan(path)
    named = cargo.name_of(source, path, name)
    reaching.greet()
    view = watching.view_for(named, interruption.as_json)
    with view:
        if missing := _all_missing(source):
            view.say(missing)
        load = cargo.load(source, _reading(view, sum(file.size for file in source.files)))
        interruption.starting = True
        reaching.start(view.note)
        interruption.starting = False
    if name is None:
        keys = partial(item_keys, source.kind, path, load.files, recognising.LOOKED_AT)
        chosen = recognising.settle_name(named, project, source.kind, keys, view, as_json=interruption.as_json)
        if chosen != named:
            named, view = chosen, watching.view_for(chosen, interruption.as_json)
    body = {"kind": source.kind, "name": named, "manifest": load.manifest}
    return Order(body, project, load.blobs, allow_removals), view


def _prepare_repository(
    repository: Repository, project: str, name: str | None, allow_removals: bool, interruption: _Interruption
) -> tuple[Order, View]:
    """Starts what is not running; what is to be fetched is the workers' to look at."""
    from longshore.cli import reaching, watching

    body = repository.body(name)
    reaching.greet()
    view = watching.view_for(body["name"], interruption.as_json)
    with view:
        interruption.starting = True
        reaching.start(view.note)
        interruption.starting = False
    return Order(body, project, (), allow_removals), view


def _all_missing(source: LocalSource) -> str:
    """A sentence where a library names files and none of them is there, as where the .rdf alone was copied."""
    if not source.absent or len(source.files) > 1:
        return ""
    told = f"None of the {wording.counted(len(source.absent), 'file')} that the export names was found"
    if source.kind == "zotero":
        return f"{told}: is its files/ folder beside the .rdf?"
    return f"{told}: do they lie beneath the folder of the bibliography?"


@dataclass
class _Interruption:
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


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    source: dict[str, Any]
    """As the API takes it."""
    project: str
    blobs: tuple[Blob, ...]
    """What it brings, the manifest last."""
    allow_removals: bool


def _reading(view: View, size: int) -> Callable[[int], None]:
    read = 0

    def count(octets: int) -> None:
        nonlocal read
        read += octets
        view.reading(read, size)

    return count


async def _import(order: Order, view: View, *, strict: bool, detach: bool, as_json: bool) -> Exit:
    from longshore.cli import watching

    async with asking.running_api(patience=asking.LONG) as api:
        submitting = asyncio.Event()
        try:
            with view:
                submission, resource = await _hand_over(api, order, view, submitting)
        except asyncio.CancelledError:
            if submitting.is_set() and not as_json:
                print(
                    runnable("Stopped while handing over; `longshore imports` tells if it has begun."), file=sys.stderr
                )
            else:
                _Interruption(as_json).tell()
            return Exit.DETACHED
        if detach:
            if not as_json:
                _say_handed_over(submission, resource)
            return Exit.SUCCEEDED
        return await watching.watch(api, resource, view, strict=strict, as_json=as_json)


async def _hand_over(api: Api, order: Order, view: View, submitting: asyncio.Event) -> tuple[str, Import]:
    """Uploads what is missing and submits the import; gives what became of the submission, and the import.

    Args:
        submitting: Is set when the import may have begun.
    """
    from longshore.cli.client import project_path
    from longshore.cli.uploading import upload

    if order.blobs:
        view.note("Uploading what is not there yet")
        await upload(api, order.project, order.blobs, view.uploading)
    body = {
        "source": order.source,
        "options": {"allow_removals": order.allow_removals},
        "on_conflict": "queue",
    }
    # With the key, a submission whose answer was lost is not made twice.
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    submitting.set()
    answer = await api.call("POST", f"{project_path(order.project)}/imports", json=body, headers=headers)
    resource = cast("Import", answer["import"])
    view.submitted(answer["submission"], resource)
    if answer["submission"] == "attached":
        view.say("This very source is being imported already; following that import.")
    if answer["submission"] == "queued":
        view.say("An earlier state of this source is still being imported; this one follows it.")
    return answer["submission"], resource


def _say_handed_over(submission: str, resource: Import) -> None:
    print(f"{submission.capitalize()}: {resource['id']} in {resource['project']}.")
    print(f"  Follow it:  {wording.way_back(resource)}")
