"""Faults, what is tried of each, and how that went."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
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
    """

    name: str
    run: Callable[[], Awaitable[Outcome]]
    within_s: float = TRIAL_S


Trials = Callable[..., Iterable[Trial]]


@dataclass(frozen=True)
class Fault:
    """One line of the matrix. `absent` says why nothing is tried here."""

    id: str
    title: str
    trials: Sequence[Trials] = ()
    absent: str = ""


@dataclass
class Row:
    fault: Fault
    tries: int = 0
    survived: int = 0
    redone: list[int] = field(default_factory=list)
    recovery_s: list[float] = field(default_factory=list)
    told_s: list[float] = field(default_factory=list)
    red: list[str] = field(default_factory=list)
    """The trials that were not survived, each with what happened."""
    unable: list[str] = field(default_factory=list)
    """What this machine cannot do, with the reason."""


class NotHere(Exception):
    """This machine cannot do what a trial needs; the message says why."""


async def try_all(fault: Fault, bench: object, say: Callable[[str], None]) -> Row:
    row = Row(fault)
    for trials in fault.trials:
        try:
            made = list(trials(bench))
        except NotHere as reason:
            row.unable.append(str(reason))
            continue
        for trial in made:
            await _try(row, trial, say)
    return row


async def _try(row: Row, trial: Trial, say: Callable[[str], None]) -> None:
    begun = time.monotonic()
    try:
        async with asyncio.timeout(trial.within_s):
            outcome = await trial.run()
    except NotHere as reason:
        row.unable.append(str(reason))
        say(f"{row.fault.id} {trial.name}: not here, {reason}")
        return
    except Exception as error:
        row.tries += 1
        row.red.append(f"{trial.name}: {type(error).__name__}: {error}")
        say(f"{row.fault.id} {trial.name}: RED after {time.monotonic() - begun:.1f} s: {error!r}")
        say(traceback.format_exc())
        return
    row.tries += outcome.tries
    row.survived += outcome.tries
    if outcome.redone is not None:
        row.redone.append(outcome.redone)
    if outcome.recovery_s is not None:
        row.recovery_s.append(outcome.recovery_s)
    if outcome.told_s is not None:
        row.told_s.append(outcome.told_s)
    cost = f"{outcome.redone} redone, " if outcome.redone is not None else ""
    back = f"back in {outcome.recovery_s:.1f} s, " if outcome.recovery_s is not None else ""
    tests = f"{outcome.tries} in one go, " if outcome.tries > 1 else ""
    told = f"told after {outcome.told_s:.1f} s, " if outcome.told_s is not None else ""
    say(f"{row.fault.id} {trial.name}: survived, {tests}{cost}{back}{told}{time.monotonic() - begun:.1f} s in all")


async def rows(faults: Sequence[Fault], bench: object, say: Callable[[str], None]) -> AsyncIterator[Row]:
    for fault in faults:
        yield Row(fault) if fault.absent else await try_all(fault, bench, say)
