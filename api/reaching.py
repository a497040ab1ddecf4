"""An engine that is down is an error of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.service import RPCError, RPCStatusCode

from longshore.errors import LongshoreError

_DOWN = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}


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
