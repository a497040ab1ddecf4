"""`longshore plan`: what an import would do, before it is asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from longshore.cli import asking, ordering
from longshore.cli.asking import AsJson, Project
from longshore.cli.library import Choice
from longshore.cli.ordering import Asked, Interruption, Order
from longshore.cli.output import BadInput, Exit, print_json

if TYPE_CHECKING:
    from longshore.cli.client import Api
    from longshore.cli.resources import Json
    from longshore.cli.watching import View

PATIENCE_S = 20
"""How long the API holds one question for a plan that is being made."""

EXAMPLES = """\
[bold]Examples[/]

  longshore plan ~/papers                            how many items, files, bytes, chunks; what would be left out
  longshore plan https://example.org/o/project       at the commit that the default branch is at now
  longshore import ~/papers --ask                    the import itself, which waits for a yes once it knows
"""


def plan(
    path: ordering.Origin,
    project: Project = asking.DEFAULT_PROJECT,
    name: ordering.Name = None,
    ref: ordering.Ref = None,
    include: ordering.Include = None,
    exclude: ordering.Exclude = None,
    credential: ordering.Credential = None,
    collection: ordering.Collections = None,
    tag: ordering.Tags = None,
    type_: ordering.Types = None,
    as_json: AsJson = False,
) -> Exit:
    """Tell what an import would do, and what it would leave out and why, without doing it.

    The files are uploaded for it, so that an import that follows need not do so again; what never follows is
    collected in time.
    """
    interruption = Interruption(as_json)
    choice = Choice(collection or [], tag or [], type_ or [])
    asked = Asked(path, project, name, ref, include or [], exclude or [], credential, choice)
    try:
        order, view = ordering.place(asked, interruption)
        return asyncio.run(_plan(order, view, as_json))
    except KeyboardInterrupt:
        interruption.tell()
        return Exit.DETACHED


async def _plan(order: Order, view: View, as_json: bool) -> Exit:
    async with asking.running_api(patience=asking.LONG) as api:
        with view:
            await ordering.upload_missing(api, order, view)
            view.note("Making the plan")
            made = await _made(api, order)
    if made["state"] == "failed":
        raise BadInput(made["failure"]["code"], made["failure"]["message"])
    if as_json:
        print_json({"event": "plan", **made["preview"]})
    else:
        from longshore.cli import manifest
        from longshore.cli.output import show

        show(manifest.render(order, cast("manifest.Preview", made["preview"])))
    return Exit.SUCCEEDED


async def _made(api: Api, order: Order) -> Json:
    """The plan, once it is ready or has failed."""
    from longshore.cli.client import project_path

    path = f"{project_path(order.project)}/plans"
    plan = await api.call("POST", path, json={"source": order.source})
    while plan["state"] == "running":
        plan = await api.get(f"{path}/{plan['id']}", wait=PATIENCE_S)
    return plan
