"""`longshore graph`: look at the graph as a whole."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from longshore.cli import asking
from longshore.cli.asking import AsJson
from longshore.cli.output import Exit, print_json
from longshore.cli.resources import Json

app = typer.Typer(name="graph", help="Look at a project's graph as a whole.", no_args_is_help=True)


@app.command("hash")
def graph_hash(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="The project, which holds one graph.")],
    as_json: AsJson = False,
) -> Exit:
    """Print a digest of everything the graph says, as a whole and per set.

    It holds no ids and no times.
    Two imports of the same library have the same digest, however often they were interrupted.
    """

    async def ask() -> Json:
        from longshore.cli.client import project_path

        async with asking.running_api(patience=asking.LONG) as api:
            return await api.get(f"{project_path(project)}/graph/hash")

    answer = asyncio.run(ask())
    if as_json:
        print_json(answer)
    else:
        print(f"{answer['digest']}  {project}")
        for name, digest in answer["sets"].items():
            print(f"  {digest}  {name}")
    return Exit.SUCCEEDED
