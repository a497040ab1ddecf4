"""Watches an import until it has closed, and says how it ended."""

from __future__ import annotations

import asyncio
import sys
from typing import Protocol, Self

from longshore.cli import following, wording
from longshore.cli.client import Api
from longshore.cli.naming import command
from longshore.cli.output import Exit, clean, console, outcome_code, print_json, show
from longshore.cli.resources import Import, flat
from longshore.cli.uploading import Freight
from longshore.errors import StackError

DETACHES = "Ctrl-C detaches; the import goes on without you."


class View(following.Watcher, Protocol):
    """Where the progress of an import is shown."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def note(self, text: str) -> None:
        """What is being done now."""

    def say(self, text: str) -> None:
        """What is worth keeping in sight."""

    def reading(self, read: int, size: int) -> None:
        """How many bytes of the files have been looked at."""

    def uploading(self, freight: Freight) -> None: ...
    def submitted(self, submission: str, resource: Import) -> None: ...


def view_for(title: str, as_json: bool) -> View:
    """A live view in a terminal, JSON lines for programs, plain lines for everything else."""
    from longshore.cli.lines import JsonView, PlainView

    if as_json:
        return JsonView()
    screen = console()
    if not screen.is_terminal or screen.is_dumb_terminal:
        return PlainView(title)
    from longshore.cli.progress import LiveView

    return LiveView(screen, title, DETACHES)


async def watch(api: Api, resource: Import, view: View, *, strict: bool, as_json: bool) -> Exit:
    """Follows the import to its end and reports; on Ctrl-C leaves it to itself and says how to come back."""
    counter = _Counting(view)
    try:
        with view:
            view.progress(resource)
            closed = await following.follow(api, resource["project"], resource["id"], counter)
        await report(api, closed, as_json, counter.reconnects)
    except asyncio.CancelledError:
        say_detached(resource, as_json)
        return Exit.DETACHED
    except StackError as error:
        hint = f"The import keeps its place: `{wording.way_back(resource)}` comes back to it. {error.hint}"
        raise StackError(error.code, str(error), hint) from error
    return outcome_code(closed["state"], strict)


async def report(api: Api, closed: Import, as_json: bool, reconnects: int = 0) -> None:
    """What a closed import brought; as JSON, the import itself."""
    if as_json:
        print_json({"event": "closed", **flat(closed)})
        return
    from longshore.cli import report as closing

    findings = await closing.look_into(api, closed)
    show(closing.render(closed, findings, reconnects))
    print()
    show(closing.where_to_look(closed, findings, api.url))
    print()


def say_detached(resource: Import, as_json: bool) -> None:
    project, import_id = resource["project"], resource["id"]
    if as_json:
        print_json({"event": "detached", "project": project, "id": import_id, "come_back": wording.way_back(resource)})
        return
    print(f"Detached. The import of {clean(resource['source']['name'])} goes on.", file=sys.stderr)
    print(f"  Come back:  {wording.way_back(resource)}", file=sys.stderr)
    print(f"  Stop it:    {command(f'cancel {import_id} --project {project}')}", file=sys.stderr)


class _Counting:
    """Passes everything on to a view, and counts how often a connection that had worked was lost."""

    def __init__(self, view: View) -> None:
        self.reconnects = 0
        self._view = view
        self._worked = False

    def progress(self, resource: Import) -> None:
        self._worked = True
        self._view.progress(resource)

    def lost(self, why: str) -> None:
        self.reconnects += self._worked
        self._view.lost(why)

    def found(self) -> None:
        self._worked = False
        self._view.found()
