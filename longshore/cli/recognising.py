"""Tells whether an export is a library that the project knows under another name: one that was renamed or moved."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Callable
from typing import cast

import typer

from longshore.cli import asking
from longshore.cli.client import project_path
from longshore.cli.output import clean
from longshore.cli.resources import SourceMatch
from longshore.cli.watching import View
from longshore.ids import source_key

LOOKED_AT = 20_000
"""Items of which the API compares the keys."""


def settle_name(
    name: str, project: str, kind: str, item_keys: Callable[[], list[str]], view: View, *, as_json: bool
) -> str:
    """The name to import under: the given one, or on a yes that of the known source which the items are.

    Where nobody can be asked, the name stays and the view says how to choose the other.

    Raises:
        KeyboardInterrupt: instead of an answer.
    """
    with view:
        match = asyncio.run(_find(name, project, kind, item_keys, view))
        if match is None:
            return name
        finding = f"This looks like {clean(match['name'])} ({match['shared']} of {match['of']} items are the same)."
        if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            way = f"To import it as that one, use --name {shlex.quote(clean(match['name']))}."
            view.say(f"{finding} It is imported as a library of its own, {clean(name)}. {way}")
            return name
    return match["name"] if _agreed(f"{finding} Import it as {clean(match['name'])}?") else name


async def _find(
    name: str, project: str, kind: str, item_keys: Callable[[], list[str]], view: View
) -> SourceMatch | None:
    own = source_key(kind, name)
    async with asking.running_api(patience=asking.LONG) as api:
        listed = await api.get("/v1/imports", project=project)
        known = {resource["source"]["key"] for resource in listed["imports"]}
        if not known or own in known:
            return None
        view.note("Comparing it with the libraries that are known")
        body = {"kind": kind, "keys": await asyncio.to_thread(item_keys)}
        answer = await api.call("POST", f"{project_path(project)}/sources:match", json=body)
    match = cast("SourceMatch | None", answer["source"])
    # The list holds the newest imports only.
    return match if match and match["key"] != own else None


def _agreed(question: str) -> bool:
    try:
        return typer.confirm(question, default=True)
    except typer.Abort:
        print()
        raise KeyboardInterrupt from None
