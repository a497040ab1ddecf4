from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL, SIGTERM

from longshore.stack.logs import LIMIT, Log
from longshore.stack.process import Identity, spawn
from tests.stack.conftest import until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT = """
import asyncio, pathlib, sys
from longshore.stack.logs import Log
from longshore.stack.process import spawn
async def main():
    with Log(pathlib.Path(sys.argv[1]), "child").open() as log:
        child = spawn([sys.executable, "-c", "import time; time.sleep(60)"], log=log, cwd=pathlib.Path("/"))
    print(child.identity.pid, flush=True)
    await child.ended()
asyncio.run(main())
"""


async def test_a_later_process_with_the_same_pid_is_another_one() -> None:
    me = Identity.of(os.getpid())
    assert me
    assert me.alive()
    earlier = Identity(me.pid, me.started - 1)
    assert not earlier.alive()
    assert not earlier.signal(SIGKILL)


async def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = Identity.of(int(parent.stdout.readline()))
    assert child
    parent.kill()
    parent.communicate()
    if sys.platform == "linux":
        assert await child.gone(5)
    child.signal(SIGKILL)


async def test_ending_a_process_takes_its_descendants_along(tmp_path: Path) -> None:
    source = f"import signal, subprocess; signal.signal(15, signal.SIG_IGN); subprocess.run({SLEEP!r})"
    with Log(tmp_path, "family").open() as log:
        child = spawn([sys.executable, "-c", source], log=log, cwd=tmp_path)
    await until(lambda: len(child.identity.descendants()) == 1)
    (grandchild,) = child.identity.descendants()
    await child.identity.end(grace=0.1)
    assert await child.ended() == "was killed by SIGKILL"
    assert await grandchild.gone(5)


async def test_a_program_that_is_missing_says_so(tmp_path: Path) -> None:
    log = Log(tmp_path, "missing")
    with log.open() as file:
        child = spawn([str(tmp_path / "nothing")], log=file, cwd=tmp_path)
    assert await child.ended() == "exited with status 1"
    assert log.reason().endswith("nothing cannot be run: No such file or directory")


async def test_how_a_child_ended(tmp_path: Path) -> None:
    with Log(tmp_path, "child").open() as log:
        child = spawn(SLEEP, log=log, cwd=tmp_path)
    await asyncio.sleep(0)
    child.identity.signal(SIGTERM)
    assert await child.ended() == "was killed by SIGTERM"
    assert not child.alive


def test_a_log_stays_small_and_tells_why(tmp_path: Path) -> None:
    log = Log(tmp_path, "worker")
    with log.open() as file:
        file.write(b"x" * (LIMIT + 1))
    with log.open() as file:
        file.write(b'{"event": "starting"}\n2026-01-01 00:00:00.000 UTC [7] FATAL:  no room\nHINT:  make some\n')
    assert log.path.stat().st_size < 1000
    assert log.path.with_name("worker.log.1").stat().st_size == LIMIT + 1
    assert log.reason() == "FATAL:  no room"
    with log.open() as file:
        file.write(b'{"event": "cannot start", "level": "error", "exception": "Traceback\\nKeyError: 1"}\n')
    assert log.reason() == "KeyError: 1"
