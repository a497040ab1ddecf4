"""`longshore schedule` and `hook`: sources that are imported again by themselves."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

import typer

from longshore.cli import asking
from longshore.cli.asking import AsJson, Project
from longshore.cli.keys import period
from longshore.cli.output import BadInput, Exit, print_json
from longshore.cli.resources import Json

Source = Annotated[str, typer.Argument(metavar="KEY", help="The source, as `longshore sources` names it.")]

EXAMPLES = """\
[bold]Examples[/]

  longshore schedule git.example-org-group-project --every 6h
  longshore schedule git.example-org-group-project --cron "0 3 * * *" --time-zone Europe/Berlin
  longshore schedule git.example-org-group-project            show it
  longshore schedule git.example-org-group-project --off      end it
"""


def schedule(
    source: Source,
    project: Project = asking.DEFAULT_PROJECT,
    every: Annotated[str | None, typer.Option(metavar="6h", help="Again after so many hours, days or weeks.")] = None,
    cron: Annotated[str | None, typer.Option(metavar='"0 3 * * *"', help="Minute, hour, day, month, weekday.")] = None,
    time_zone: Annotated[str, typer.Option(metavar="Z", help="That --cron is meant in.")] = "UTC",
    off: Annotated[bool, typer.Option("--off", help="Import it only when somebody asks for it.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Have a source imported again by itself, or show when it will be.

    Each time it is imported as it was the last time; what has not changed costs next to nothing.
    """
    if sum(map(bool, (every, cron, off))) > 1:
        raise BadInput("usage", "--every, --cron and --off exclude each other.", "Choose one of them.")
    wanted: Json | None = None
    if every:
        wanted = {"every_s": int(period(every).total_seconds())}
    elif cron:
        wanted = {"cron": cron, "time_zone": time_zone}
    return asyncio.run(_schedule(source, project, wanted, off=off, as_json=as_json))


def hook(source: Source, project: Project = asking.DEFAULT_PROJECT, as_json: AsJson = False) -> Exit:
    """Show where a git host tells of pushes, and the secret for it.

    Enter both at GitHub, Gitea or Forgejo as a webhook with JSON content; at GitLab the secret is the token.
    """
    from longshore.cli.client import source_path

    async def ask() -> Exit:
        async with asking.running_api() as api:
            found = await api.get(f"{source_path(project, source)}/hook")
            url = f"{api.url}{found['path']}"
        if as_json:
            print_json({"url": url, "secret": found["secret"]})
        else:
            print(f"URL     {url}\nSecret  {found['secret']}")
        return Exit.SUCCEEDED

    return asyncio.run(ask())


async def _schedule(source: str, project: str, wanted: Json | None, *, off: bool, as_json: bool) -> Exit:
    from longshore.cli.client import source_path

    path = f"{source_path(project, source)}/schedule"
    async with asking.running_api() as api:
        if off:
            await api.call("DELETE", path)
            found = None
        elif wanted:
            found = await api.call("PUT", path, json=wanted)
        else:
            found = await api.get(path)
    if as_json:
        print_json({"schedule": found})
    else:
        print(f"{source} is imported {_told(found)}" if found else f"{source} has no schedule any more.")
    return Exit.SUCCEEDED


def _told(schedule: dict[str, Any]) -> str:
    """`every 6 h`, `by "0 3 * * *" (UTC)`, with when it comes next."""
    from longshore.cli import wording

    every = schedule["every_s"]
    how = f"every {wording.duration(every)}" if every else f'by "{schedule["cron"]}" ({schedule["time_zone"]})'
    if schedule["paused"]:
        return f"{how}, but was paused in Temporal."
    coming = schedule["next_at"]
    return f"{how}, next at {datetime.fromisoformat(coming).astimezone():%Y-%m-%d %H:%M %Z}." if coming else f"{how}."
