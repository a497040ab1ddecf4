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
from typing import TYPE_CHECKING, Annotated, cast

import typer

from longshore.cli import asking
from longshore.cli.asking import AsJson, Project
from longshore.cli.output import BadInput, Exit, print_json

if TYPE_CHECKING:
    from longshore.cli.cargo import Cargo
    from longshore.cli.client import Api
    from longshore.cli.resources import Import
    from longshore.cli.watching import View

EXAMPLES = """\
[bold]Examples[/]

  longshore import ~/Zotero-export                   a folder with an .rdf file and its files/
  longshore import library.zip --project thesis      the same, zipped, into a graph of its own
  longshore import ~/Zotero-export --detach          hand it over and leave
  longshore import ~/Zotero-export --json | jq       a JSON object on each line
"""


def import_(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="A Zotero RDF export: its folder, its .rdf file, or a zip of both."),
    ],
    project: Project = asking.DEFAULT_PROJECT,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="N", help="The library's name; by default its title, else its folder's name."),
    ] = None,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Do not ask when many items have gone from the library.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 where single items or files failed.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Hand the library over and leave.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Import a Zotero library, with its files, into a searchable graph.

    Starts what is not running, uploads what is not there yet, and follows the import to its end.
    Ctrl-C detaches: the import goes on. The same library imported again costs only what changed.
    """
    from longshore.cli import cargo, reaching, recognising, watching
    from longshore.sources.manifest import item_keys, scan

    if not re.fullmatch(r"[a-z0-9-]{1,63}", project):
        raise BadInput(
            "invalid_project",
            f"{project!r} cannot be the name of a project.",
            "Use 1 to 63 lower-case letters, digits and hyphens.",
        )
    source = scan(path)
    named = cargo.name_of(source, path, name)
    view = watching.view_for(named, as_json)
    with view:
        load = cargo.load(source, _reading(view, sum(file.size for file in source.files)))
        reaching.start(view.note)
    if name is None:
        keys = partial(item_keys, path, load.files, recognising.LOOKED_AT)
        chosen = recognising.settle_name(named, project, source.kind, keys, view, as_json=as_json)
        if chosen != named:
            named, view = chosen, watching.view_for(chosen, as_json)
    handed = Order(named, project, load, allow_removals)
    return asyncio.run(_import(handed, view, strict=strict, detach=detach, as_json=as_json))


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    name: str
    project: str
    load: Cargo
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
        try:
            with view:
                submission, resource = await _hand_over(api, order, view)
        except asyncio.CancelledError:
            _say_stopped(as_json)
            return Exit.DETACHED
        if detach:
            if not as_json:
                _say_handed_over(submission, resource)
            return Exit.SUCCEEDED
        return await watching.watch(api, resource, view, strict=strict, as_json=as_json)


async def _hand_over(api: Api, order: Order, view: View) -> tuple[str, Import]:
    """Uploads what is missing and submits the import; gives what became of the submission, and the import."""
    from longshore.cli.client import project_path
    from longshore.cli.uploading import upload

    view.note("Uploading what is not there yet")
    await upload(api, order.project, order.load.blobs, view.uploading)
    body = {
        "source": {"kind": "zotero", "name": order.name, "manifest": order.load.manifest},
        "options": {"allow_removals": order.allow_removals},
        "on_conflict": "queue",
    }
    # With the key, a submission whose answer was lost is not made twice.
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = await api.call("POST", f"{project_path(order.project)}/imports", json=body, headers=headers)
    resource = cast("Import", answer["import"])
    view.submitted(answer["submission"], resource)
    if answer["submission"] == "attached":
        view.say("This very library is being imported already; following that import.")
    if answer["submission"] == "queued":
        view.say("An earlier state of this library is still being imported; this one follows it.")
    return answer["submission"], resource


def _say_stopped(as_json: bool) -> None:
    if as_json:
        print_json({"event": "detached", "project": None, "id": None, "come_back": None})
        return
    print("Stopped before the import had begun; what was uploaded is kept.", file=sys.stderr)
    print("  Come back:  run the same command again", file=sys.stderr)


def _say_handed_over(submission: str, resource: Import) -> None:
    print(f"{submission.capitalize()}: {resource['id']} in {resource['project']}.")
    print(f"  Follow it:  longshore show {resource['id']} --project {resource['project']} --follow")
