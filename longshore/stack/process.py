"""Processes that are known for certain: by pid and start time, so that no foreign process is ever signalled."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import IO

import psutil

SHIM = Path(__file__).with_name("shim.py")
POLL_S = 0.05


def _started(pid: int, zombies: bool = False) -> float | None:
    """When a process started, or None if there is none; a zombie counts only if asked for.

    On Linux in seconds since boot: psutil's wall-clock time of the same process moves when the clock is set.
    """
    try:
        if sys.platform != "linux":
            process = psutil.Process(pid)
            return None if process.status() == psutil.STATUS_ZOMBIE and not zombies else process.create_time()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" and not zombies else int(fields[19]) / os.sysconf("SC_CLK_TCK")


def python(module: str) -> list[str]:
    """Run a module as a program; `-P` keeps a folder of the same name in the working folder from shadowing it."""
    return [sys.executable, "-P", "-m", module]


def command_line(pid: int) -> list[str]:
    """The arguments of a process, whoever owns it; empty if it is gone or hides them."""
    try:
        arguments: list[str] = psutil.Process(pid).cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []
    return arguments


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, told apart from a later one with the same pid."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        started = _started(pid)
        return None if started is None else cls(pid, started)

    def alive(self) -> bool:
        return _started(self.pid) == self.started

    def signal(self, number: Signals) -> bool:
        """Send a signal to this process and to no other; False if it is gone."""
        if sys.platform != "linux":
            return self._kill(number)
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        except OSError:  # a kernel or a sandbox without pidfd
            return self._kill(number)
        try:
            if not self.alive():
                return False
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True

    def _kill(self, number: Signals) -> bool:
        if not self.alive():
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    async def gone(self, seconds: float) -> bool:
        """Wait at most `seconds` for its end."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.alive():
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(POLL_S)
        return True

    def descendants(self) -> list[Identity]:
        if not self.alive():
            return []
        try:
            children = psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [identity for child in children if (identity := Identity.of(child.pid))]

    async def end(self, grace: float) -> None:
        """SIGTERM, SIGKILL after `grace` seconds, and SIGKILL to descendants that outlive it."""
        descendants = self.descendants()
        self.signal(SIGTERM)
        if not await self.gone(grace):
            descendants += self.descendants()
            self.signal(SIGKILL)
            await self.gone(5)
        for descendant in descendants:
            descendant.signal(SIGKILL)


class Child:
    """A process that this one started, and reaps."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.identity = Identity(process.pid, _started(process.pid, zombies=True) or 0.0)
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        threading.Thread(target=self._reap, name=f"reap {process.pid}", daemon=True).start()

    def _reap(self) -> None:
        self._process.wait()
        try:
            self._loop.call_soon_threadsafe(self._ended.set)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    async def ended(self) -> str:
        """How it ended, when it has: `exited with status 1`, `was killed by SIGKILL`."""
        await self._ended.wait()
        code = self._process.returncode
        return f"was killed by {Signals(-code).name}" if code < 0 else f"exited with status {code}"

    @property
    def alive(self) -> bool:
        return not self._ended.is_set() and self.identity.alive()


def spawn(
    argv: Sequence[str],
    *,
    log: IO[bytes],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    user: pwd.struct_passwd | None = None,
    outlives: bool = False,
) -> Child:
    """Start a program in a session of its own, its output going to a log.

    Call it in the main thread: a child dies with the thread that started it, unless it `outlives` this process.

    Args:
        user: whom it runs as, which only root may choose and only for what `outlives`.
    """
    shim = [] if outlives else [sys.executable, "-I", "-S", str(SHIM), str(os.getpid())]
    process = subprocess.Popen(
        [*shim, *argv],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=cwd,
        env=env,
        start_new_session=True,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
    return Child(process)
