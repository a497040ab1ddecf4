"""`longshore providers list|limit|reset`: services that imports are embedded by, and how often they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import typer

from longshore.cli import asking, wording
from longshore.cli.asking import AsJson
from longshore.cli.naming import command
from longshore.cli.output import BadInput, Exit, clean, print_json, show
from longshore.cli.resources import Gate, Json, ListedProvider

app = typer.Typer(
    name="providers",
    help="Services that embed and extract: how often they are asked, and which are left alone.",
    no_args_is_help=True,
)
Named = Annotated[
    str, typer.Argument(metavar="NAME", help="As `longshore providers list` has it: `embedding.openai`, or `openai`.")
]


@app.command("list")
def list_(as_json: AsJson = False) -> Exit:
    """Show the providers of providers.toml: what they may be asked, what they were today, and what they wait for."""

    async def ask() -> list[ListedProvider]:
        async with asking.running_api() as api:
            return cast(list[ListedProvider], (await api.get("/v1/providers"))["providers"])

    found = asyncio.run(ask())
    if as_json:
        print_json({"providers": found})
    else:
        _show(found)
    return Exit.SUCCEEDED


@app.command()
def limit(
    name: Named,
    rps: Annotated[
        float | None, typer.Option(metavar="R", min=0.001, max=10_000, help="Requests per second, of all workers.")
    ] = None,
    default: Annotated[bool, typer.Option("--default", help="What the settings say, again.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Change how many requests a second a provider is sent, from now on; it stays so over restarts."""
    if (rps is None) != default:
        raise BadInput("usage", "Either a rate or the default has to be named.", "Use --rps R, or --default.")
    after = _act(name, "PUT", "/limit", {"rps": rps})
    if as_json:
        print_json(cast(Json, after))
    else:
        print(f"{after['id']} is sent {_rate(after)} from now on.")
    return Exit.SUCCEEDED


@app.command()
def reset(name: Named, as_json: AsJson = False) -> Exit:
    """Ask a provider again at once, because it is back or was seen to. Imports that wait for it go on."""
    after = _act(name, "POST", ":reset", None)
    if as_json:
        print_json(cast(Json, after))
    else:
        print(f"{after['id']} is asked again.")
    return Exit.SUCCEEDED


def _act(name: str, method: str, action: str, body: Any) -> ListedProvider:
    async def ask() -> ListedProvider:
        async with asking.running_api() as api:
            listed = cast(list[ListedProvider], (await api.get("/v1/providers"))["providers"])
            path = f"/v1/providers/{_chosen(name, [one['id'] for one in listed])}{action}"
            return cast(ListedProvider, await api.call(method, path, json=body))

    return asyncio.run(ask())


def _chosen(name: str, known: Sequence[str]) -> str:
    """Raises:
    BadInput: no provider, or one for each purpose, is called so.
    """
    meant = [one for one in known if name in (one, one.partition(".")[2])]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise BadInput("ambiguous_provider", f"{name} is the name of {' and '.join(meant)}.", "Name one of them whole.")
    way = f"There {'is' if len(known) == 1 else 'are'} {', '.join(known)}." if known else "providers.toml names none."
    raise BadInput("provider_not_found", f"There is no provider {clean(name)}.", way)


def _rate(provider: ListedProvider) -> str:
    return "as many requests as come" if provider["rps"] is None else f"{provider['rps']:g} requests a second"


def _show(found: Sequence[ListedProvider]) -> None:
    from rich.table import Table
    from rich.text import Text

    if not found:
        show(Text("No providers. Embeddings and extraction run offline; docs/providers.md shows how to name some."))
        return
    now = datetime.now(UTC)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for heading in ("State", "Provider", "Model", "Requests/s", "Tokens today", "Cost today", "Workers"):
        table.add_column(heading, no_wrap=True)
    for one in found:
        state, style = _state(one)
        table.add_row(
            Text(state, style),
            one["id"],
            Text(clean(one["model"])),
            "any" if one["rps"] is None else f"{one['rps']:g}",
            f"{one['use']['tokens_today']:,}",
            f"{one['use']['cost_today']:.2f}",
            str(one["workers"]),
        )
    show(table)
    for one in found:
        if gate := one["gate"]:
            show(Text(f"{one['id']}: {clean(_why(gate, now))}", "yellow"))
            show(Text(f"  {command('providers reset ' + one['id'])}", "yellow"))
            if other := one.get("fallback"):
                show(Text(f"  {other} is asked meanwhile, where the wait is long.", "yellow"))


def _why(gate: Gate, now: datetime) -> str:
    at = wording.moment(gate["resume_at"])
    if gate["state"] != "operator" or at is None:
        return wording.reason(gate, now)
    return f"{gate['message']} It is asked again by itself at {at.astimezone():%H:%M}."


def _state(provider: ListedProvider) -> tuple[str, str]:
    gate = provider["gate"]
    if gate is None:
        return "open", "green"
    if gate["state"] == "operator":
        return "needs you", "red"
    return ("broken", "red") if gate["broken"] else ("waiting", "yellow")
