"""What is done to the engines: killed under load, away for a while, at the end of a disk or of a history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from longshore.stack.postgres import PostgresServer
from longshore.stack.temporal import TemporalServer
from tests.faults.bench import Bench
from tests.faults.disks import fill, small_disk
from tests.faults.invariants import check, demand
from tests.faults.kills import NAME, Done, Undisturbed, disturb, leave_alone
from tests.faults.operators import settled
from tests.faults.passage import Passage
from tests.faults.rig import LimitedTemporal, Rig, kill, open_rig
from tests.faults.trials import Outcome, Trial
from tests.integration.voyage import Handle

AWAY_S = 20.0
_TEMPORAL_DISK_MB, _POSTGRES_DISK_MB = 48, 400
_MOMENTS = ("plan_import.before_call", "embed_batch.before_call", "write_batch.after_commit", "link_batch.before_call")


def temporal_killed(bench: Bench) -> Iterable[Trial]:
    yield from _each_moment(bench, bench.rig.temporal, "Temporal")


def postgres_killed(bench: Bench) -> Iterable[Trial]:
    yield from _each_moment(bench, bench.rig.postgres, "Postgres")


def _each_moment(bench: Bench, server: PostgresServer | TemporalServer, name: str) -> Iterable[Trial]:
    def trial(moments: tuple[str, ...]) -> Trial:
        async def kill_at_each(passage: Passage, handle: Handle) -> Done:
            killed_at = back_at = 0.0
            for moment in moments:
                await passage.crossed(moment)
                killed_at = time.monotonic()
                await kill(server)
                await server.start()
                back_at = time.monotonic()
            return Done(killed_at, back_at)

        return Trial(
            f"{name} killed at {', '.join(moments)}", lambda: disturb(bench.rig, bench.undisturbed, kill_at_each)
        )

    yield trial(("write_batch.before_call",))
    yield trial(_MOMENTS)


def temporal_away(bench: Bench) -> Iterable[Trial]:
    yield _away(bench, bench.rig.temporal, "Temporal")


def postgres_away(bench: Bench) -> Iterable[Trial]:
    yield _away(bench, bench.rig.postgres, "Postgres")


def _away(bench: Bench, server: PostgresServer | TemporalServer, name: str) -> Trial:
    async def away(passage: Passage, handle: Handle) -> Done:
        await passage.crossed("embed_batch.before_call")
        gone_at = time.monotonic()
        await server.stop()
        await asyncio.sleep(AWAY_S)  # it is away: that is what is tried
        await server.start()
        return Done(gone_at, time.monotonic())

    return Trial(f"{name} away for {AWAY_S:.0f} s", lambda: disturb(bench.rig, bench.undisturbed, away))


def temporal_disk_full(bench: Bench) -> Iterable[Trial]:
    yield Trial("Temporal's disk is full for 15 s", lambda: _disk_full(bench, "temporal", _TEMPORAL_DISK_MB))


def postgres_disk_full(bench: Bench) -> Iterable[Trial]:
    yield Trial("Postgres' disk is full for 15 s", lambda: _disk_full(bench, "postgres", _POSTGRES_DISK_MB))


async def _disk_full(bench: Bench, engine: str, megabytes: int) -> Outcome:
    folder = bench.rig.folder / f"full-{engine}"
    with small_disk(folder / engine, megabytes) as disk:
        async with open_rig(folder) as rig:

            async def full(passage: Passage, handle: Handle) -> Done:
                await passage.crossed("embed_batch.before_call")
                filler = fill(disk)
                full_at = time.monotonic()
                await asyncio.sleep(15)  # it is full: that is what is tried
                filler.unlink()
                healed_at = time.monotonic()
                await rig.heal()  # as the supervisor does: an engine may have ended itself for want of space
                return Done(full_at, healed_at)

            return await disturb(rig, bench.undisturbed, full)


def history_limits(bench: Bench) -> Iterable[Trial]:
    yield Trial("history rolled over every 40 events", lambda: _rolled_over(bench))
    yield Trial("run ended by Temporal at its 120th event", lambda: _ended_by_temporal(bench))


@asynccontextmanager
async def _limited(bench: Bench, name: str, **limits: int) -> AsyncIterator[Rig]:
    folder = bench.rig.folder / name
    async with open_rig(folder, LimitedTemporal(folder / "temporal", limits)) as rig:
        yield rig


async def _rolled_over(bench: Bench) -> Outcome:
    async with _limited(bench, "rolling", suggestContinueAsNew=40) as rig:
        rolled: Undisturbed = await leave_alone(rig, bench.undisturbed.cargo)
        times = sum(crossing.place == "workflow.continue_as_new.decided" for crossing in rolled.crossings)
        demand(times >= 2, f"the history was rolled over {times} times")
        demand(rolled.digests == bench.undisturbed.digests, "I1: the graph differs from the undisturbed one")
        return Outcome(redone=rolled.steps - bench.undisturbed.steps)


async def _ended_by_temporal(bench: Bench) -> Outcome:
    """No code of ours runs when that happens: the sweep settles it."""
    async with _limited(bench, "ended", error=120, suggestContinueAsNew=100_000) as rig, rig.passage() as passage:
        passage.start_worker()
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        await passage.begin(submission)
        record = await settled(passage, submission.import_id, 90)
        demand(record.state == "failed", f"it was settled as {record.state}")
        demand(record.reason is not None and record.reason.code == "terminated", f"its reason is {record.reason}")
        counts = record.items
        demand(counts.total == counts.added + counts.skipped, f"I6: {counts}")
        await check(passage, record, None)
        return Outcome()
