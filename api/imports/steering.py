"""Messages to a running import, refused where the state does not allow them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from api.imports.derived import retry, undo
from api.imports.schemas import Import
from api.problems import Problem
from api.services import Services
from longshore.codes import ItemCode
from longshore.graph import catalog
from longshore.graph.catalog import ItemChoice
from longshore.graph.collecting import KEPT
from workflows.contracts import TERMINAL, State

Action = Literal["pause", "resume", "cancel", "retry-failed", "approve"]

_SIGNALS: dict[Action, str] = {"approve": "approve_removals"}
"""Where the workflow's message is called otherwise: such names stand in histories, and stay."""
_UNDER_WAY: frozenset[State] = frozenset({"queued", "running", "waiting"})
_ALLOWED: dict[Action, frozenset[State]] = {
    "pause": _UNDER_WAY | {"paused"},
    "resume": frozenset({"paused", "waiting"}),
    "cancel": _UNDER_WAY | {"paused", "cancelling"},
    "retry-failed": _UNDER_WAY | {"paused"},
    "approve": frozenset({"waiting"}),
}


_RESUMABLE = frozenset({"operator_action", "cost_cap"})
"""Why an import waits that goes on once somebody says so."""


async def steer(services: Services, project: str, import_id: str, action: Action) -> Import:
    """Send the message and answer the import as it stands then.

    Raises:
        Problem: 409 `state_conflict` naming the state that does not allow it.
    """
    return await _send(services, await services.imports.find(project, import_id), action)


async def retry_failed(services: Services, project: str, import_id: str, codes: Sequence[ItemCode]) -> Import:
    """Try again what failed: in the running import, or in a new one where it has closed.

    Args:
        codes: Only what failed for one of these reasons, which a closed import allows; all if empty.

    Raises:
        Problem: 409 `state_conflict` or `nothing_to_retry`.
    """
    view = await services.imports.find(project, import_id)
    if view.state not in TERMINAL:
        if any(stage.name == "close" and stage.state != "pending" for stage in view.stages):
            raise _conflict(view, "retry-failed while it closes", "Try again once it has closed, in a moment.")
        if codes:
            raise _conflict(view, "retry-failed for some reasons only", "Try again once it has closed.")
        return await _send(services, view, "retry-failed")
    if not await _failed(services, view, codes):
        reasons = f" because of {', '.join(codes)}" if codes else ""
        raise Problem(409, "nothing_to_retry", f"Nothing failed in import {view.id}{reasons}; it has {view.state}.")
    return (await retry(services, view, codes)).import_


async def cancel(services: Services, project: str, import_id: str, *, and_undo: bool) -> Import:
    """Stop an import and keep what is committed, or have it taken back by an import that follows.

    Raises:
        Problem: 409 `state_conflict`, or `follow_up_waiting` when the place of what follows is taken.
    """
    view = await services.imports.find(project, import_id)
    if and_undo and view.follow_up:
        raise Problem(
            409,
            "follow_up_waiting",
            f"Import {view.follow_up} of the same source follows {view.id}, and would be lost.",
            "Cancel without undo, and undo it once what follows has closed.",
        )
    cancelled = await _send(services, view, "cancel")
    if and_undo:
        await undo(services, cancelled)
    return cancelled


async def take_back(services: Services, project: str, import_id: str) -> Import:
    """A new import that takes back what a closed one did.

    Raises:
        Problem: 409 `state_conflict` while it runs, or `nothing_to_undo`.
    """
    view = await services.imports.find(project, import_id)
    if view.state not in TERMINAL:
        raise _conflict(view, "undo", "Cancel it with undo, or undo it once it has closed.")
    items = view.items
    if not (items.added or items.changed or items.duplicate or items.removed):
        raise Problem(409, "nothing_to_undo", f"Import {view.id} has changed nothing; it has {view.state}.")
    if (items.changed or items.removed) and view.closed_at and datetime.now(UTC) - view.closed_at > KEPT:
        raise Problem(
            409,
            "nothing_to_undo",
            f"Import {view.id} closed more than {KEPT.days} days ago, and what it replaced is not kept any longer.",
            "Import the export that it replaced again.",
        )
    return (await undo(services, view)).import_


async def _send(services: Services, view: Import, action: Action) -> Import:
    if view.state not in _ALLOWED[action] or not _fits(view, action):
        raise _conflict(view, action)
    signal = _SIGNALS.get(action, action.replace("-", "_"))
    if not await services.engine.signal(view.project, view.source.key, signal, view.id):
        raise _conflict(await services.imports.find(view.project, view.id), action)
    return await services.imports.find(view.project, view.id) if view.live else view


async def _failed(services: Services, view: Import, codes: Sequence[ItemCode]) -> bool:
    if not codes:
        return view.state in ("failed", "cancelled") or bool(view.items.failed or view.attachments_failed)
    async with services.connection() as connection:
        for code in codes:
            choice = ItemChoice(state="failed", code=code)
            if await catalog.list_items(connection, view.project, view.id, choice, -1, 1):
                return True
    return False


def _fits(view: Import, action: Action) -> bool:
    """A follow-up cannot be told anything before it begins, and what waits for a yes is not paused as well."""
    code = view.reason.code if view.reason else None
    if action == "resume" and view.state == "waiting":
        return code in _RESUMABLE
    if action == "approve":
        return code == "awaiting_approval"
    return code != "follow_up" and not (code == "awaiting_approval" and action == "pause")


def _conflict(view: Import, action: str, hint: str = "") -> Problem:
    waiting = f" ({view.reason.message})" if view.reason else ""
    return Problem(
        409,
        "state_conflict",
        f"Import {view.id} is {view.state}{waiting}, so {action} does not apply.",
        hint,
        state=view.state,
        links=view.links,
    )
