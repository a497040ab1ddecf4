"""What keeps a stack from starting."""

from __future__ import annotations

from longshore.errors import StackError


class Unmendable(StackError):
    """A start that fails again however often it is tried, until a person changes something."""
