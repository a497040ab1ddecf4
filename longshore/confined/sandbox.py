"""What a process that reads strangers' bytes may use; it must harm nothing but its own attempt."""

from __future__ import annotations

import ctypes
import math
import os
import resource
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 32


def die_with_parent() -> None:
    """Linux only; elsewhere the end of standard input has to do.

    The signal comes when the thread that started this process ends: parents start children from their main thread.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enter(memory_bytes: int | None, file_bytes: int = 0) -> None:
    """Take every limit that holds for the life of this process. Modules must have been imported before.

    Args:
        memory_bytes: limit of the address space; None where the platform does not enforce it.
        file_bytes: the longest file that it may write.
    """
    if sys.platform == "linux":
        # Whatever the machine runs short of memory for, this process is the one to lose.
        Path("/proc/self/oom_score_adj").write_text("1000")
    if memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def allow_cpu(seconds: float) -> None:
    """From now on; beyond it SIGXCPU ends this process."""
    used = sum(os.times()[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds), hard))
