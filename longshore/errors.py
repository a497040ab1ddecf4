"""Errors that reach a person: what happened, why, and what to do next."""

from __future__ import annotations


class LongshoreError(Exception):
    """An expected failure.

    Attributes:
        code: Stable machine-readable reason, `snake_case`.
        hint: What the reader can do about it, or an empty string.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class InvalidSource(LongshoreError):
    """The cargo cannot be read as what it claims to be; trying again will not help."""


class StackError(LongshoreError):
    """An engine of the stack could not be reached or started."""


class ComeBackLater(LongshoreError):
    """Somebody else's server wants to be left alone for a while.

    Attributes:
        retry_after_s: Seconds until it may be asked again.
    """

    def __init__(self, code: str, message: str, hint: str = "", *, retry_after_s: float) -> None:
        super().__init__(code, message, hint)
        self.retry_after_s = retry_after_s
