"""Faults that other tests try already: these are run, and counted by their files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.faults.bench import Bench
from tests.faults.trials import Fault, Trial

_SESSION_S = 1500.0


@dataclass(frozen=True)
class Files:
    """Files of tests, each of which is a trial."""

    paths: tuple[str, ...]

    def __call__(self, bench: Bench) -> Iterable[Trial]:
        for path in self.paths:
            yield Trial(path, lambda path=path: bench.session.of(path), _SESSION_S, lasts_s=6, alone=True)  # type: ignore[misc]


def tests(*paths: str) -> Files:
    """The tests of these files.

    Args:
        paths: below `tests`.
    """
    return Files(paths)


def files_of(fault: Fault) -> Sequence[str]:
    return [path for trials in fault.trials if isinstance(trials, Files) for path in trials.paths]
