"""Faults, what is tried of each, and how that went."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

TRIAL_S = 300.0
"""So long is a trial waited for, if it says nothing else."""


@dataclass(frozen=True)
class Outcome:
    """What a fault cost, of an import that survived it. None: there is nothing to count."""

    redone: int | None = None
    """Steps that were begun again."""
    recovery_s: float | None = None
    """From the fault, or from when it was mended, until a step was ended after it."""
    told_s: float | None = None
    """Until the API said what was the matter."""
    tries: int = 1
    """How many were made in one go, where that is how they are made."""


@dataclass(frozen=True)
class Trial:
    """One thing that is done to an import.

    Args:
        name: Short; it says what is done, and when.
        run: Returns what it cost, and raises whatever shows that the import did not survive it.
        lasts_s: About so long, on two cores; the progress of a run is estimated by it.
        alone: Nothing else is tried meanwhile, because it takes all that the machine has.
    """

    name: str
    run: Callable[[], Awaitable[Outcome]]
    within_s: float = TRIAL_S
    lasts_s: float = 11.0
    alone: bool = False


Trials = Callable[..., Iterable[Trial]]


@dataclass(frozen=True)
class Fault:
    """One line of the matrix. `absent` says why nothing is tried here."""

    id: str
    title: str
    trials: Sequence[Trials] = ()
    absent: str = ""


class NotHere(Exception):
    """This machine cannot do what a trial needs; the message says why."""


@dataclass(frozen=True)
class Result:
    """How one trial went: it has an outcome, or was red, or could not be made here."""

    fault: str
    trial: str
    seconds: float
    outcome: Outcome | None = None
    red: str = ""
    unable: str = ""

    def __str__(self) -> str:
        if self.unable:
            return f"{self.fault} {self.trial}: not here, {self.unable}"
        if self.outcome is None:
            return f"{self.fault} {self.trial}: RED after {self.seconds:.1f} s: {self.red}"
        cost = f"{self.outcome.redone} redone, " if self.outcome.redone is not None else ""
        back = f"back in {self.outcome.recovery_s:.1f} s, " if self.outcome.recovery_s is not None else ""
        tests = f"{self.outcome.tries} in one go, " if self.outcome.tries > 1 else ""
        told = f"told after {self.outcome.told_s:.1f} s, " if self.outcome.told_s is not None else ""
        return f"{self.fault} {self.trial}: survived, {tests}{cost}{back}{told}{self.seconds:.1f} s in all"


@dataclass
class Row:
    """A line of the table: all results of one fault."""

    fault: Fault
    results: list[Result] = field(default_factory=list)

    @property
    def outcomes(self) -> list[Outcome]:
        return [result.outcome for result in self.results if result.outcome is not None]

    @property
    def survived(self) -> int:
        return sum(outcome.tries for outcome in self.outcomes)

    @property
    def red(self) -> list[str]:
        """The trials that were not survived, each with what happened."""
        return [f"{result.trial}: {result.red}" for result in self.results if result.red]

    @property
    def unable(self) -> list[str]:
        """What this machine cannot do, with the reason."""
        return [result.unable for result in self.results if result.unable]

    @property
    def tries(self) -> int:
        return self.survived + len(self.red)

    @property
    def seconds(self) -> float:
        return sum(result.seconds for result in self.results)


def listed(fault: Fault, bench: object) -> list[Trial]:
    """What is tried of a fault; what cannot be tried here is a trial that says so."""
    made: list[Trial] = []
    for trials in fault.trials:
        try:
            made += trials(bench)
        except NotHere as reason:
            made.append(_unable(str(reason)))
    return made


def _unable(reason: str) -> Trial:
    async def say_so() -> Outcome:
        raise NotHere(reason)

    return Trial(reason, say_so, lasts_s=0)


async def attempt(fault: Fault, trial: Trial, say: Callable[[str], None]) -> Result:
    """Make a trial. What it raises is what was not survived, and is said in full."""
    begun = time.monotonic()
    try:
        async with asyncio.timeout(trial.within_s):
            outcome = await trial.run()
    except NotHere as reason:
        return Result(fault.id, trial.name, 0.0, unable=str(reason))
    except Exception as error:
        say(traceback.format_exc())
        red = f"{type(error).__name__}: {error}" if str(error) else repr(error)
        return Result(fault.id, trial.name, time.monotonic() - begun, red=red)
    return Result(fault.id, trial.name, time.monotonic() - begun, outcome)
