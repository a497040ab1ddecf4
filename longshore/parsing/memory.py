"""How a parser's memory is bounded on this platform."""

from __future__ import annotations

import sys

import psutil

ADDRESS_SPACE_IS_LIMITED = sys.platform == "linux"
"""Whether the kernel enforces RLIMIT_AS. Elsewhere (macOS) the parent watches the process's size."""


def resident_bytes(pid: int) -> int:
    """Memory that a process holds; 0 once it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.NoSuchProcess:
        return 0
