"""Which Longshore this is, beside the one that runs in a home."""

from __future__ import annotations

import importlib.metadata
import re

from longshore.graph.db import known_migrations
from longshore.stack.state import Program


def this_program() -> Program:
    return Program(version=importlib.metadata.version("longshore"), migration=max(known_migrations()))


def is_older(one: Program | None, other: Program) -> bool:
    """Whether `other` is to take the place of `one`; one that does not say what it is came before all that do."""
    return one is None or _order(one) < _order(other)


def _order(program: Program) -> tuple[list[int], int]:
    """By release; between releases by what the database is brought up to."""
    return [int(number) for number in re.findall(r"\d+", program.version)], program.migration
