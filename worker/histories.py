"""A worker that cannot read what runs says so and works on nothing, instead of failing at each step of it."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from longshore.errors import StackError
from longshore.histories.keyring import HistoryUnreadable

_RUNNING = "ExecutionStatus = 'Running'"
_LOOKED_AT = 200
_DEADLINE = timedelta(seconds=10)


async def check_readable(client: Client) -> None:
    """Look at what running imports say of themselves.

    Raises:
        StackError: `history_key_missing` or `history_damaged`, for an import that this worker has not the key for;
            `temporal_unreachable`.
    """
    try:
        async for run in client.list_workflows(_RUNNING, limit=_LOOKED_AT, rpc_timeout=_DEADLINE):
            try:
                await run.memo()
            except HistoryUnreadable as error:
                raise StackError(
                    error.code,
                    f"The running workflow {run.id} cannot be read. {error}",
                    f"{error.hint} Where the key is lost, `temporal workflow terminate --workflow-id {run.id}`, and "
                    "import the source again: what was committed stays.",
                ) from None
    except RPCError as error:
        raise StackError(
            "temporal_unreachable", f"Temporal does not answer: {error}", "Check Temporal's log."
        ) from error
