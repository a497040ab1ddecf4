"""Failpoints: named places at which a program of ours dies, freezes, or never hears that what it asked for was done.

The product knows nothing of them. They lie around what it is composed of: activities, transactions, the blob store,
parser, extractor, embedder, and what it sends to Temporal. `tests.faults.launch` puts them there, and only there.

A place is called `<step>.<part>.<when>`, as in `embed_batch.embedder.after_call`. What is crossed outside of a step
is named for its program: `api.blobs.after_call`.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from temporalio import activity

Action = Literal["kill", "freeze", "lose"]
"""`lose`: what was asked for is done, and its answer is lost on the way."""

_ACTIONS: dict[str, Action] = {"kill": "kill", "freeze": "freeze", "lose": "lose"}

LOG = "LONGSHORE_TEST_CROSSINGS"
ORDER = "LONGSHORE_TEST_FAULT"
MISFIT = "LONGSHORE_TEST_MISFIT"
"""Set for a worker whose workflows do not fit the histories of others."""


class AnswerLost(ConnectionError):
    """It was done, but nobody was told."""


@dataclass(frozen=True)
class Order:
    """Fail at the n-th crossing of a place, counted from 1 in each process."""

    place: str
    crossing: int = 1
    action: Action = "kill"

    def __str__(self) -> str:
        return f"{self.place}:{self.crossing}:{self.action}"

    @classmethod
    def parse(cls, text: str) -> Order:
        place, crossing, action = text.split(":")
        return cls(place, int(crossing), _ACTIONS[action])


@dataclass(frozen=True)
class Crossing:
    place: str
    pid: int
    at: float
    """Monotonic seconds of the machine."""


def read_crossings(log: Path) -> list[Crossing]:
    if not log.exists():
        return []
    fields = [line.split() for line in log.read_text().splitlines()]
    return [Crossing(place, int(pid), float(at)) for place, pid, at in fields]


class Seams:
    """Counts what is crossed, writes it down, and does what was ordered."""

    def __init__(self, program: str, log: Path, order: Order | None) -> None:
        self._program = program
        self._order = order
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def cross(self, place: str) -> None:
        """
        Raises:
            AnswerLost: if that was ordered for this crossing.
        """
        with self._lock:
            self._counts[place] += 1
            os.write(self._log, f"{place} {os.getpid()} {time.monotonic():.3f}\n".encode())
            order = self._order
            if order is None or (order.place, order.crossing) != (place, self._counts[place]):
                return
        if order.action == "lose":
            raise AnswerLost(f"the answer was lost at {place}")
        os.kill(os.getpid(), signal.SIGKILL if order.action == "kill" else signal.SIGSTOP)

    def within(self) -> str:
        """The step that is run here, or the program."""
        return activity.info().activity_type if activity.in_activity() else self._program
