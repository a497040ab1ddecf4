"""The trials of a matrix, in several lanes, each with engines of its own."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from tests.faults.journal import Journal
from tests.faults.trials import Fault, Result, Row, Trial, attempt, listed

Say = Callable[[str], None]


class Lanes:
    """
    Args:
        benches: One for each lane; on all of them the same is tried of a fault.
        ended: Called with each line of the matrix once all of it has been tried.
    """

    def __init__(
        self,
        faults: Sequence[Fault],
        benches: Sequence[object],
        journal: Journal,
        say: Say,
        ended: Callable[[Row], None],
    ) -> None:
        self._faults = {fault.id: fault for fault in faults}
        self._lists = [
            {(fault.id, trial.name): trial for fault in faults for trial in listed(fault, bench)} for bench in benches
        ]
        self._journal, self._say, self._ended = journal, say, ended
        self._begun = time.monotonic()
        self._tried: list[tuple[Trial, Result]] = []

    async def run(self) -> list[Row]:
        """First what must be alone, then all the rest at once; the lines in the order of the matrix."""
        first = self._lists[0]
        for fault in self._faults.values():
            self._end_line(fault)
        alone = deque(key for key, trial in first.items() if trial.alone and not self._journal.has(*key))
        shared = deque(key for key, trial in first.items() if not trial.alone and not self._journal.has(*key))
        self._expected_s = sum(first[key].lasts_s for key in alone), sum(first[key].lasts_s for key in shared)
        self._to_try = len(alone) + len(shared)
        await self._lane(self._lists[0], alone)
        await asyncio.gather(*(self._lane(trials, shared) for trials in self._lists))
        return [self._row(fault) for fault in self._faults.values()]

    async def _lane(self, trials: dict[tuple[str, str], Trial], keys: deque[tuple[str, str]]) -> None:
        while keys:
            key = keys.popleft()
            fault, trial = self._faults[key[0]], trials[key]
            result = await attempt(fault, trial, self._say)
            self._journal.add(result)
            self._tried.append((trial, result))
            self._say(f"[{self._progress()}] {result}")
            self._end_line(fault)

    def _row(self, fault: Fault) -> Row:
        return Row(fault, list(self._journal.of(fault.id)))

    def _end_line(self, fault: Fault) -> None:
        if all(self._journal.has(*key) for key in self._lists[0] if key[0] == fault.id):
            self._ended(self._row(fault))

    def _progress(self) -> str:
        elapsed_s = time.monotonic() - self._begun
        return f"{len(self._tried)}/{self._to_try}, {elapsed_s / 60:.1f} min, {self._left_s() / 60:.0f} more"

    def _left_s(self) -> float:
        """As the trials were expected to last; those side by side, as far as others of them have lasted in truth."""
        alone_s, shared_s = self._expected_s
        alone_s -= sum(result.seconds for trial, result in self._tried if trial.alone)
        expected_s = sum(trial.lasts_s for trial, _ in self._tried if not trial.alone)
        lasted_s = sum(result.seconds for trial, result in self._tried if not trial.alone)
        pace = lasted_s / expected_s if expected_s else 1.0
        return max(alone_s, 0.0) + pace * (shared_s - expected_s) / len(self._lists)
