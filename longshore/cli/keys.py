"""`longshore keys create|list|revoke`: who may call the API, for who owns its database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longshore.cli.asking import AsJson
from longshore.cli.output import BadInput, Exit, clean, print_json, show

if TYPE_CHECKING:
    from longshore.stack.keys import ApiKey

PERIODS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}
LONGEST = timedelta(days=36_500)

app = typer.Typer(
    name="keys",
    help="API keys, which a server that listens beyond this machine demands.",
    no_args_is_help=True,
)


class ScopeName(StrEnum):
    read = "read"
    write = "write"
    admin = "admin"


@app.command()
def create(
    name: Annotated[str, typer.Option(metavar="N", help="Whose it is, or what for.")],
    project: Annotated[
        list[str] | None, typer.Option("--project", "-p", metavar="P", help="Bind it to this project; repeatable.")
    ] = None,
    scope: Annotated[
        ScopeName, typer.Option(help="What it may do: look, import and steer, or also delete projects.")
    ] = ScopeName.read,
    expires: Annotated[str | None, typer.Option(metavar="90d", help="After hours, days, weeks or years.")] = None,
    as_json: AsJson = False,
) -> Exit:
    """Make an API key. It is shown this once and kept nowhere."""
    from longshore.cli.reaching import settings
    from longshore.stack.keys import create_key

    if not clean(name):
        raise BadInput("bad_name", "The name is empty.", "Say whose key it is, or what for.")
    for given in project or ():
        if not re.fullmatch(r"[a-z0-9-]{1,63}", given):
            raise BadInput("bad_project", f"{given!r} cannot be a project.", "Lower-case letters, digits and hyphens.")
    until = datetime.now(UTC) + period(expires) if expires else None
    made, key = asyncio.run(create_key(settings(), clean(name), scope.value, project or None, until))
    if as_json:
        print_json({**fields(made), "key": key})
    else:
        print(key)
        typer.echo("It is not shown again. Programs send it as Authorization: Bearer KEY;", err=True)
        typer.echo("the command longshore takes it from LONGSHORE_API_KEY.", err=True)
    return Exit.SUCCEEDED


@app.command("list")
def list_(as_json: AsJson = False) -> Exit:
    """Show all API keys, newest first."""
    from longshore.cli.reaching import settings
    from longshore.stack.keys import list_keys

    found = asyncio.run(list_keys(settings()))
    if as_json:
        print_json({"keys": [fields(key) for key in found]})
    else:
        _show(found)
    return Exit.SUCCEEDED


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False) -> Exit:
    """Refuse an API key from now on."""
    from longshore.cli.reaching import settings
    from longshore.stack.keys import revoke_key

    revoked = asyncio.run(revoke_key(settings(), key_id))
    if revoked is None:
        raise BadInput("key_not_found", f"There is no key {clean(key_id)}.", "`longshore keys list` shows their ids.")
    if as_json:
        print_json(fields(revoked))
    else:
        print(f"{revoked.key_id} ({clean(revoked.name)}) is revoked.")
    return Exit.SUCCEEDED


def period(text: str) -> timedelta:
    """Raises:
    BadInput: it is not a number with a unit, or longer than a century.
    """
    match = re.fullmatch(r"(\d{1,6})([mhdwy])", text.strip().lower())
    length = int(match[1]) * PERIODS[match[2]] if match else timedelta()
    if not timedelta() < length <= LONGEST:
        raise BadInput("bad_period", f"{text!r} is no period.", "Write 30m, 12h, 90d, 6w or 1y.")
    return length


def fields(key: ApiKey) -> dict[str, Any]:
    times = {"created_at": key.created_at, "expires_at": key.expires_at, "last_used_at": key.last_used_at}
    return {
        "id": key.key_id,
        "name": key.name,
        "scope": key.scope,
        "projects": key.projects,
        "last4": key.last4,
        "state": key.state,
        **{name: time.isoformat() if time else None for name, time in times.items()},
    }


def _show(found: Sequence[ApiKey]) -> None:
    from rich.table import Table
    from rich.text import Text

    from longshore.cli import wording

    if not found:
        show(Text("No keys yet. Make one with: longshore keys create --name NAME --scope write"))
        return
    now = datetime.now(UTC)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for heading in ("State", "ID", "Scope", "Projects", "Expires", "Last used", "Name"):
        table.add_column(heading, no_wrap=True)
    for key in found:
        table.add_row(
            Text(key.state, "green" if key.state == "active" else "dim"),
            f"{key.key_id} …{key.last4}",
            key.scope,
            ", ".join(key.projects) if key.projects is not None else "all",
            f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "never",
            wording.ago(key.last_used_at, now) if key.last_used_at else "never",
            Text(clean(key.name)),
        )
    show(table)
