"""Clocks that are off: by a shim between a program and its clock, where a C compiler is at hand to make one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.faults.bench import Bench
from tests.faults.door import open_door
from tests.faults.invariants import demand
from tests.faults.kills import NAME, check_same, outcome
from tests.faults.trials import NotHere, Outcome, Trial

HOUR_S = 3600
_SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long offset(void) { const char *by = getenv("CLOCK_OFFSET_S"); return by ? atol(by) : 0; }

int clock_gettime(clockid_t which, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(which, now);
    if (!status && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
    return status;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    int status = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return status;
}

time_t time(time_t *where) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (where) *where = precise.tv_sec;
    return precise.tv_sec;
}
"""


def skewed(bench: Bench) -> Iterable[Trial]:
    shim = _shim(bench.rig.folder)
    for worker, api in ((HOUR_S, -HOUR_S), (-HOUR_S, HOUR_S)):
        yield Trial(
            f"worker {worker:+} s, API {api:+} s",
            lambda worker=worker, api=api: _skewed(bench, shim, worker, api),  # type: ignore[misc]
        )


def _shim(folder: Path) -> Path:
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        raise NotHere("clocks are moved by a shim, which takes Linux and a C compiler")
    source, shim = folder / "clock.c", folder / "clock.so"
    source.write_text(_SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(shim), str(source), "-ldl"], check=True)
    return shim


async def _skewed(bench: Bench, shim: Path, worker_s: int, api_s: int) -> Outcome:
    """The engines' clocks are right, the worker's and the API's are two hours apart."""
    async with bench.rig.passage(LD_PRELOAD=str(shim)) as passage:
        passage.settings["CLOCK_OFFSET_S"] = str(worker_s)
        passage.start_worker()
        passage.settings["CLOCK_OFFSET_S"] = str(api_s)
        submission = await passage.hand_over(bench.undisturbed.cargo, NAME)
        async with open_door(passage) as door:
            view = (await door.post(submission)).json()["import"]
            path = view["links"]["self"]
            handle = door.handle(view)
            async with passage.watched(handle):
                await passage.crossed("embed_batch.before_call")
                shown = await door.view(path)
                demand(shown["live"] and shown["state"] == "running", f"I15: it shows {shown['state']}")
                eta = shown["eta_range_s"]
                demand(eta is None or 0 <= eta[0] <= eta[1] < HOUR_S, f"it would take {eta} seconds")
                record = await passage.finish(handle)
            await door.until(path, lambda shown: shown["state"] == "succeeded" and shown["fraction"] == 1, 10)
        await check_same(passage, record, bench.undisturbed)
        return Outcome(outcome(passage, bench.undisturbed, 0.0).redone)
