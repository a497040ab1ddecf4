"""How far a command is that looks at much: on stderr, so that what it finds can be piped."""

from __future__ import annotations

import sys
import time

EVERY_S = 5.0


class Telling:
    """One line that changes on a terminal, else a line every few seconds.

    Args:
        doing: As in `Looking at`.
    """

    def __init__(self, doing: str, *, silent: bool) -> None:
        self._doing, self._silent = doing, silent
        self._terminal = sys.stderr.isatty()
        self._told_at = time.monotonic()

    def __call__(self, what: str, done: int, of: int) -> None:
        """Args: done: bytes, out of `of`."""
        from longshore.cli import wording

        every = 0.1 if self._terminal else EVERY_S
        if self._silent or time.monotonic() - self._told_at < every:
            return
        self._told_at = time.monotonic()
        far = f": {wording.size(done)} of {wording.size(of)}" if of > 1 else ""
        line = f"{self._doing} {what}{far}"
        sys.stderr.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._terminal and not self._silent:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
