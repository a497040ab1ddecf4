"""`longshore up`, `down`, `status`: the engines on this machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longshore.cli import asking, disk
from longshore.cli.asking import AsJson
from longshore.cli.naming import command, runnable
from longshore.cli.output import BadInput, Exit, clean, print_json, show
from longshore.cli.resources import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

NAMES = {"api": "API", "temporal": "Temporal", "postgres": "Postgres", "worker": "Worker"}


def up(as_json: AsJson = False) -> Exit:
    """Start what is not running: Postgres, Temporal, a worker and the API.

    They stay, and are started again when they die, until `longshore down`.
    """
    from longshore.cli import reaching

    if url := reaching.given_url():
        raise BadInput(
            "api_elsewhere",
            f"{reaching.VARIABLE} names an API that runs elsewhere ({url}), so nothing is started here.",
            "Unset it to start Longshore on this machine.",
        )
    reaching.start(lambda line: None if as_json else print(f"  {clean(line)}", flush=True))
    return status(as_json)


def down(as_json: AsJson = False) -> Exit:
    """Stop the engines of this machine. Nothing is lost: imports go on after the next `longshore up`."""
    from longshore.cli.reaching import settings
    from longshore.stack import control

    ran = asyncio.run(control.down(settings()))
    if as_json:
        print_json({"running": False})
    elif ran:
        print(runnable("Stopped. Everything is kept; imports go on after `longshore up`."))
    else:
        print("Nothing was running.")
    return Exit.SUCCEEDED


def status(as_json: AsJson = False) -> Exit:
    """Show what runs, where, and what is wrong with it. Exits with 5 where the API does not run."""
    from longshore.cli.reaching import given_url

    found = asyncio.run(_elsewhere()) if given_url() else _here()
    if as_json:
        print_json(found)
    else:
        show(_table(found))
    return Exit.SUCCEEDED if found["api"]["state"] == "running" else Exit.UNREACHABLE


def _here() -> Json:
    from longshore.cli.reaching import settings
    from longshore.stack import control

    return control.status(settings()).model_dump(mode="json")


async def _elsewhere() -> Json:
    """What the API at the given address says of its engines, in the same form."""
    async with asking.running_api() as api:
        answer = await api.get("/v1/system/status")
    temporal, database, workers = answer["temporal"], answer["database"], answer["workers"]
    polled = any(worker["pollers"] for worker in workers)

    def state(ok: bool, why: str) -> Json:
        return {"state": "running" if ok else "unresponsive", "reason": None if ok else why}

    return {
        "running": True,
        "api": {"url": api.url, "version": answer["version"], **state(True, "")},
        "temporal": {"address": temporal["address"], "ui": temporal["ui"], **state(temporal["ok"], temporal["detail"])},
        "postgres": state(database["ok"], database["detail"]),
        "worker": {"queues": workers, **state(polled, "No worker is connected.")},
    }


def _table(found: Json) -> RenderableType:
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for name, title in NAMES.items():
        service = found[name]
        running = service["state"] == "running"
        style = "green" if running else "dim" if service["state"] == "stopped" else "yellow"
        where = [service.get("url"), service.get("address"), service.get("ui") and f"Web UI {service['ui']}"]
        facts = [str(fact) for fact in where if fact]
        if service.get("pid"):
            facts.append(f"pid {service['pid']}")
        table.add_row(Text("●", style), title, Text(service["state"], style), Text(" · ".join(facts), "dim"))
        if service.get("reason"):
            table.add_row("", "", "", Text(clean(service["reason"]), "yellow"))
    lines = []
    if supervisor := found.get("supervisor", {}).get("pid"):
        lines.append(Text(f"Supervised by pid {supervisor}; state and logs in {found['home']}", "dim"))
    if not found["running"]:
        lines.append(Text(_at_rest(found)))
    if low := disk.told(found.get("disk", {}).get("free_bytes")):
        lines.append(Text(low, "yellow"))
    return Padding(Group(table, *lines), (0, 1), expand=False)


def _at_rest(found: Json) -> str:
    left = [f"{title} (pid {found[name]['pid']})" for name, title in NAMES.items() if found[name].get("pid")]
    if not left:
        return f"Nothing runs. Start it with: {command('up')}"
    still = f"The supervisor is gone, and nothing restarts what ends. Still running: {', '.join(left)}."
    return runnable(f"{still} `longshore up` takes over, `longshore down` stops it.")
