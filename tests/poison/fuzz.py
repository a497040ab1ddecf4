"""Damage without end: `python -m tests.poison.fuzz [--seconds S] [--seed N] [READER ...]`.

Each reader gets its turn in a process of its own, again and again, with another seed each time, so that one that takes
the process with it or does not come back is known by its name and its seed. Both are printed, and given again as
arguments they do the same again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from hypothesis import HealthCheck, given, seed, settings

from tests.poison.damage import applied, blows
from tests.poison.readers import readers

_IN_A_TURN = 300
_TURN_S = 120


def strike(name: str, times: int, seeded: int | None = None) -> None:
    """Have a reader read so many damaged copies of what is whole; the same ones always, unless seeded.

    Raises: whatever it must not raise, with the damage noted.
    """
    reader = readers()[name]

    @settings(
        max_examples=times,
        derandomize=seeded is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(blows())
    def struck(damage):  # type: ignore[no-untyped-def]
        reader.read(applied(reader.whole, damage))

    (struck if seeded is None else seed(seeded)(struck))()


def _turn(name: str, seeded: int) -> str | None:
    """What went wrong, if anything did."""
    command = [sys.executable, "-m", "tests.poison.fuzz", "--turn", "--seed", str(seeded), name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TURN_S)
    except subprocess.TimeoutExpired:
        return f"did not come back within {_TURN_S} s"
    return None if done.returncode == 0 else f"ended with status {done.returncode}\n{done.stderr[-3000:]}"


def main(names: list[str], seconds: float, first: int) -> int:
    ends = time.monotonic() + seconds
    seeded, turns, failed = first, 0, 0
    while time.monotonic() < ends:
        for name in names:
            if time.monotonic() >= ends:
                break
            turns += 1
            if wrong := _turn(name, seeded):
                failed += 1
                print(f"{name!r}, --seed {seeded}: {wrong}\n", flush=True)
        seeded += 1
    print(f"{len(names)} readers, {turns} turns of {_IN_A_TURN} damaged files from seed {first} on: {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("readers", nargs="*", help="all of them, if none is named")
    arguments.add_argument("--seconds", type=float, default=600)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    arguments.add_argument("--turn", action="store_true", help=argparse.SUPPRESS)
    given_ = arguments.parse_args()
    if given_.turn:
        strike(given_.readers[0], _IN_A_TURN, given_.seed)
    else:
        sys.exit(main(given_.readers or list(readers()), given_.seconds, given_.seed))
