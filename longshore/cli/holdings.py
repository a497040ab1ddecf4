"""`longshore projects`, `sources` and `delete`: what there is, and how to be rid of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Annotated, cast

import typer

from longshore.cli import asking, wording
from longshore.cli.asking import AsJson, Project
from longshore.cli.naming import command, runnable
from longshore.cli.output import BadInput, Exit, clean, print_json, show
from longshore.cli.resources import Extent, Import, Json, ListedProject, ListedSource, flat

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")]

delete_app = typer.Typer(
    name="delete",
    help="Delete a project, or what a source brought into it. Tells what would go and asks first.",
    no_args_is_help=True,
)


def projects(as_json: AsJson = False) -> Exit:
    """List projects: each holds one graph."""
    found = cast(list[ListedProject], _get("/v1/projects")["projects"])
    if as_json:
        print_json({"projects": found})
    else:
        from longshore.cli import tables

        show(tables.projects(found))
    return Exit.SUCCEEDED


def sources(project: Project = asking.DEFAULT_PROJECT, as_json: AsJson = False) -> Exit:
    """List the sources of a project: what was imported into it, and how that ended."""
    from longshore.cli.client import project_path

    found = cast(list[ListedSource], _get(f"{project_path(project)}/sources")["sources"])
    if as_json:
        print_json({"sources": found})
    else:
        from longshore.cli import tables

        show(tables.sources(found, project))
    return Exit.SUCCEEDED


@delete_app.command("project")
def delete_project(
    project: Annotated[str, typer.Argument(metavar="P", help="The project.")],
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> Exit:
    """Delete a project: its graph, its imports and its files. This cannot be undone."""
    from longshore.cli.client import project_path

    async def ask() -> Exit:
        def tell(extent: Extent) -> str:
            what = f"{_documents(extent)}, {_files(extent)}"
            return f"This deletes the project {project}, which cannot be undone: {what}."

        answer = await _delete(project_path(project), tell, yes=yes, dry_run=dry_run, as_json=as_json)
        if answer is None:
            return Exit.SUCCEEDED
        if as_json:
            print_json(answer)
        else:
            print(runnable(f"{project} is being deleted. `longshore projects` lists it until it has gone."))
        return Exit.SUCCEEDED

    return asyncio.run(ask())


@delete_app.command("source")
def delete_source(
    source: Annotated[str, typer.Argument(metavar="KEY", help="The source, as `longshore sources` names it.")],
    project: Project = asking.DEFAULT_PROJECT,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> Exit:
    """Take back what a source brought. What another source has too stays in the graph."""
    from longshore.cli.client import source_path

    async def ask() -> Exit:
        def tell(extent: Extent) -> str:
            kept = f"Its {_files(extent)} are kept, so that this can be undone." if extent["blobs"] else ""
            what = f"This deletes all that only the source {source} brought into {project}"
            return f"{what}: {_documents(extent)}. {kept}".strip()

        answer = await _delete(source_path(project, source), tell, yes=yes, dry_run=dry_run, as_json=as_json)
        if answer is None:
            return Exit.SUCCEEDED
        resource = cast(Import, answer["import"])
        if as_json:
            print_json(flat(resource))
            return Exit.SUCCEEDED
        named = f"{resource['id']} --project {resource['project']}"
        print(f"Removing {clean(resource['source']['name'])} ({resource['id']}).")
        print(f"  Follow it:  {command(f'show {named} --follow')}")
        print(f"  Undo it:    {command(f'undo {named}')}")
        return Exit.SUCCEEDED

    return asyncio.run(ask())


def _get(path: str) -> Json:
    async def ask() -> Json:
        async with asking.running_api() as api:
            return await api.get(path)

    return asyncio.run(ask())


async def _delete(path: str, tell: Callable[[Extent], str], *, yes: bool, dry_run: bool, as_json: bool) -> Json | None:
    """The answer, or None where nothing was to be deleted after all."""
    async with asking.running_api() as api:
        extent = cast(Extent, await api.call("DELETE", path, params={"dry_run": "true"}))
        if dry_run and as_json:
            print_json({"dry_run": extent})
        elif not (as_json and yes):
            print(tell(extent), file=sys.stderr if as_json else sys.stdout)
        if dry_run or not (yes or _confirmed()):
            return None
        return await api.call("DELETE", path)


def _documents(extent: Extent) -> str:
    return f"{wording.counted(extent['documents'], 'document')}, {wording.counted(extent['items'], 'item')}"


def _files(extent: Extent) -> str:
    return f"{wording.counted(extent['blobs'], 'file')} ({wording.size(extent['bytes'])})"


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise BadInput("not_confirmed", "Nothing was deleted, for nobody is there to be asked.", "Add --yes to do it.")
    return typer.confirm("Go on?", err=True)
