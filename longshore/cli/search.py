"""`longshore search`: find passages."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated, cast

import typer

from longshore.cli import asking
from longshore.cli.asking import AsJson, Project
from longshore.cli.output import BadInput, Exit, clean, print_json, show
from longshore.cli.resources import Hit, Json


def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words or a question, in any language.")],
    project: Project = asking.DEFAULT_PROJECT,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many passages.")] = 10,
    as_json: AsJson = False,
) -> Exit:
    """Find the passages that answer a query, by meaning and by words.

    What an import has committed can be found while the rest is still being imported.
    """
    if not query.strip():
        raise BadInput(
            "empty_query", "There is nothing to search for.", 'Say what, as in `longshore search "entropy"`.'
        )

    async def ask() -> Json:
        from longshore.cli.client import project_path

        async with asking.running_api() as api:
            return await api.get(f"{project_path(project)}/search", q=query, limit=limit)

    answer = asyncio.run(ask())
    found, warning = cast(list[Hit], answer["results"]), answer.get("warning")
    if as_json:
        print_json({"results": found, "warning": warning})
    else:
        from longshore.cli import tables

        show(tables.hits(found, query, project))
        if warning:
            print(clean(warning), file=sys.stderr)
    return Exit.SUCCEEDED
