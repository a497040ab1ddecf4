"""Become another program that dies with its parent: `python shim.py <parent pid> <program> <arguments>`.

Run as a file, apart from the package, by a bare interpreter (`-I -S`), since it stands in for `preexec_fn`, which may
deadlock in a program with threads. Linux only; elsewhere the next supervisor ends what it finds in state.json.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before it could be bound to
            sys.exit(1)
    try:
        os.execv(program[0], program)
    except OSError as error:
        sys.exit(f"{program[0]} cannot be run: {error.strerror}")


if __name__ == "__main__":
    main()
