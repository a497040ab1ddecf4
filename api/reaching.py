"""An engine that is down is an error of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from temporalio.client import WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError, RPCStatusCode

from longshore.errors import LongshoreError

Answer = TypeVar("Answer")

_DOWN = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}

_NO_ANSWER = {
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.NOT_FOUND,
    RPCStatusCode.RESOURCE_EXHAUSTED,  # Another query of the same workflow waits for a worker already.
}


class EngineUnavailable(LongshoreError):
    """Temporal does not answer."""

    def __init__(self) -> None:
        super().__init__(
            "orchestrator_unavailable",
            "Temporal does not answer, so imports can neither be started nor steered for now.",
            "Running imports go on where they stopped once it is back; `longshore status` shows its state.",
        )


@contextmanager
def reaching() -> Iterator[None]:
    """A lazy client that never connected raises RuntimeError; one that lost its server raises RPCError."""
    try:
        yield
    except RuntimeError as error:
        raise EngineUnavailable from error
    except RPCError as error:
        if error.status in _DOWN:
            raise EngineUnavailable from error
        raise


async def answered(query: Awaitable[Answer]) -> Answer | None:
    """What a workflow answers to a query; None if there is no such workflow, or no worker answers in time."""
    try:
        return await query
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError):
        return None
    except (RPCError, RuntimeError) as error:
        if isinstance(error, RPCError) and error.status in _NO_ANSWER:
            return None
        raise EngineUnavailable from error


async def told(signal: Awaitable[None]) -> bool:
    """Whether a message reached its workflow; False if none runs."""
    try:
        with reaching():
            await signal
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
