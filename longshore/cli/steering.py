"""`longshore imports`, `show`, `items`, and what steers an import: `pause`, `cancel`, `retry`, `undo` and others."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, cast

import typer

from longshore.cli import asking, wording
from longshore.cli.asking import AsJson
from longshore.cli.output import BadInput, Exit, clean, print_json, show
from longshore.cli.resources import TERMINAL, Import, ItemState, State, flat
from longshore.errors import LongshoreError

ImportId = Annotated[
    str,
    typer.Argument(metavar="ID", callback=asking.given, help="The import, as `longshore imports` names it."),
]
NOTHING_TO = {
    "pause": "it cannot be paused",
    "resume": "there is nothing to resume",
    "cancel": "there is nothing to cancel",
    "retry-failed": "there is nothing to try again",
    "approve": "there is nothing to approve",
    "undo": "it cannot be undone",
}
"""By the action, what its refusal comes to."""
InProject = Annotated[
    str | None, typer.Option("--project", "-p", metavar="P", help="Its project; looked up where it is left out.")
]


def imports(
    project: Annotated[
        str | None, typer.Option("--project", "-p", metavar="P", help="Only those of this project.")
    ] = None,
    state: Annotated[State | None, typer.Option("--state", help="Only those in this state.")] = None,
    as_json: AsJson = False,
) -> Exit:
    """List imports, the newest first."""

    async def ask() -> list[Import]:
        async with asking.running_api() as api:
            answer = await api.get("/v1/imports", project=project, state=state)
            return cast(list[Import], answer["imports"])

    found = asyncio.run(ask())
    if as_json:
        print_json({"imports": [flat(resource) for resource in found]})
    else:
        from longshore.cli import tables

        show(tables.imports(found))
    return Exit.SUCCEEDED


def show_import(
    import_id: ImportId,
    project: InProject = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Stay until it has closed.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="With --follow: exit 3 where single items failed.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Show an import: how far it is, or what it brought.

    With --follow, the exit code is that of the import.
    """

    async def ask() -> Exit:
        from longshore.cli import watching

        async with asking.running_api() as api:
            resource = await asking.find(api, import_id, project)
            if follow:
                api.patience = asking.LONG
                view = watching.view_for(resource["source"]["name"], as_json)
                return await watching.watch(api, resource, view, strict=strict, as_json=as_json)
            if as_json:
                print_json(flat(resource))
            elif resource["state"] in TERMINAL:
                await watching.report(api, resource, as_json=False)
            else:
                from longshore.cli import progress

                show(progress.still(resource))
            return Exit.SUCCEEDED

    return asyncio.run(ask())


def items(
    import_id: ImportId,
    project: InProject = None,
    state: Annotated[
        ItemState | None, typer.Option("--state", help="Only those; `failed` also where only a file of it did.")
    ] = None,
    code: Annotated[str | None, typer.Option("--code", metavar="C", help="Only those with this reason.")] = None,
    problems: Annotated[bool, typer.Option("--problems", help="Only those of which something was not read.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """List the items of an import, each with what became of it and why."""

    async def ask() -> list[dict[str, Any]]:
        from longshore.cli.report import items_of

        async with asking.running_api() as api:
            resource = await asking.find(api, import_id, project)
            return [dict(item) async for item in items_of(api, resource, state, code, problems)]

    found = asyncio.run(ask())
    if as_json:
        print_json({"items": found})
    else:
        from longshore.cli import tables

        show(tables.items(cast(Any, found)))
    return Exit.SUCCEEDED


def pause(import_id: ImportId, project: InProject = None, as_json: AsJson = False) -> Exit:
    """Pause an import. It stays paused, also over restarts, until it is resumed."""
    return _steer("pause", "Pausing", import_id, project, as_json)


def resume(import_id: ImportId, project: InProject = None, as_json: AsJson = False) -> Exit:
    """Let a paused or waiting import go on."""
    return _steer("resume", "Resuming", import_id, project, as_json)


def cancel(
    import_id: ImportId,
    project: InProject = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what is committed, too.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Cancel an import. What is committed is kept, unless it is to be undone."""
    if undo:
        done = "Cancelling; what is committed is taken back"
        return _steer("cancel", done, import_id, project, as_json, {"undo": True})
    return _steer("cancel", "Cancelling; what is committed is kept", import_id, project, as_json)


def retry(
    import_id: ImportId,
    project: InProject = None,
    codes: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="C", help="Only what failed for this reason, such as `encrypted`; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> Exit:
    """Try what failed again: in a running import, or in a new one where it has closed."""
    body = {"codes": codes} if codes else None
    return _steer("retry-failed", "Trying again what failed", import_id, project, as_json, body)


def undo(import_id: ImportId, project: InProject = None, as_json: AsJson = False) -> Exit:
    """Take back what an import did. What a later import has changed since stays."""
    return _steer("undo", "Taking back", import_id, project, as_json)


def approve(import_id: ImportId, project: InProject = None, as_json: AsJson = False) -> Exit:
    """Say yes to an import that waits for it: because it would remove many items, or because it was asked to."""
    return _steer("approve", "Going on with", import_id, project, as_json)


def _refusal(verb: str, resource: Import) -> BadInput:
    """Why an import in its state cannot be steered that way."""
    ended = resource["state"] in ("succeeded", "partially_succeeded", "failed")
    stands = f"{'has ended: it' if ended else 'is'} {wording.STATES.get(resource['state'], resource['state'])}"
    way = f"`longshore show {resource['id']} --project {resource['project']}` shows where it stands."
    said = f"The import of {clean(resource['source']['name'])} {stands}, so {NOTHING_TO[verb]}."
    return BadInput("state_conflict", said, way)


def _steer(
    verb: str, done: str, import_id: str, project: str | None, as_json: bool, body: dict[str, Any] | None = None
) -> Exit:
    async def ask() -> tuple[Import, Import]:
        from longshore.cli.client import import_path

        async with asking.running_api() as api:
            before = await asking.find(api, import_id, project)
            path = import_path(before["project"], before["id"])
            try:
                answer = await api.call("POST", f"{path}:{verb}", json=body, repeatable=False)
            except LongshoreError as error:
                if error.code != "state_conflict" or error.hint:
                    raise
                raise _refusal(verb, await api.find_import(before["project"], before["id"])) from error
            return before, cast(Import, answer["import"])

    before, after = asyncio.run(ask())
    if as_json:
        print_json(flat(after))
        return Exit.SUCCEEDED
    print(f"{done}: {clean(after['source']['name'])} ({after['id']}).")
    if after["id"] != before["id"]:
        print(f"  Follow it:  {wording.way_back(after)}")
    return Exit.SUCCEEDED
