"""Messages to a running import, refused where the state does not allow them."""

from __future__ import annotations

from typing import Literal

from api.imports.derived import retry
from api.imports.schemas import Import
from api.problems import Problem
from api.services import Services
from workflows.contracts import TERMINAL, Reason, State

Action = Literal["pause", "resume", "cancel", "retry-failed", "approve-removals"]

_UNDER_WAY: frozenset[State] = frozenset({"queued", "running", "waiting"})
_ALLOWED: dict[Action, frozenset[State]] = {
    "pause": _UNDER_WAY | {"paused"},
    "resume": frozenset({"paused"}),
    "cancel": _UNDER_WAY | {"paused", "cancelling"},
    "retry-failed": _UNDER_WAY | {"paused"},
    "approve-removals": frozenset({"waiting"}),
}


async def steer(services: Services, project: str, import_id: str, action: Action) -> Import:
    """Send the message and answer the import as it stands then.

    Raises:
        Problem: 409 `state_conflict` naming the state that does not allow it.
    """
    view = await services.imports.find(project, import_id)
    if action == "retry-failed" and view.state in TERMINAL:
        return await _retry_closed(services, view)
    if view.state not in _ALLOWED[action] or not _fits(view.reason, action):
        raise _conflict(view, action)
    if not await services.engine.signal(project, view.source.key, action.replace("-", "_"), view.id):
        raise _conflict(await services.imports.find(project, import_id), action)
    return await services.imports.find(project, view.id) if view.live else view


async def _retry_closed(services: Services, view: Import) -> Import:
    if not view.items.failed and not view.attachments_failed and view.state in ("succeeded", "partially_succeeded"):
        raise Problem(409, "nothing_to_retry", f"Nothing failed in import {view.id}; it has {view.state}.")
    return (await retry(services, view, ())).import_


def _fits(reason: Reason | None, action: Action) -> bool:
    """A follow-up cannot be told anything before it begins, and what waits for a yes is not paused as well."""
    code = reason.code if reason else None
    if action == "approve-removals":
        return code == "awaiting_approval"
    return code != "follow_up" and not (code == "awaiting_approval" and action == "pause")


def _conflict(view: Import, action: Action) -> Problem:
    waiting = f" ({view.reason.message})" if view.reason else ""
    return Problem(
        409,
        "state_conflict",
        f"Import {view.id} is {view.state}{waiting}, so {action} does not apply.",
        state=view.state,
        links=view.links,
    )
