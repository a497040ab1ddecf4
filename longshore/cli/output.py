"""What the command writes, and how it ends: JSON, plain text, errors, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

from longshore.cli.naming import runnable
from longshore.errors import InvalidSource, LongshoreError, StackError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PLAIN_WIDTH = 160


class Exit(IntEnum):
    """How the command ended, for scripts."""

    SUCCEEDED = 0
    FAILED = 1
    USAGE = 2
    PARTIALLY = 3
    """Only with `--strict`: the import ended, and single items failed."""
    CANCELLED = 4
    UNREACHABLE = 5
    DETACHED = 130


class BadInput(LongshoreError):
    """What was asked for cannot be done as it was asked."""


def exit_code(error: LongshoreError) -> Exit:
    """The exit code that tells a script which kind of failure it was."""
    if isinstance(error, StackError):
        return Exit.UNREACHABLE
    if isinstance(error, (InvalidSource, BadInput)):
        return Exit.USAGE
    return Exit.FAILED


def outcome_code(state: str, strict: bool = False) -> Exit:
    """The exit code for the state in which an import ended."""
    if state == "cancelled":
        return Exit.CANCELLED
    if state == "failed":
        return Exit.FAILED
    if state == "partially_succeeded" and strict:
        return Exit.PARTIALLY
    return Exit.SUCCEEDED


def clean(text: object) -> str:
    """The text on one line, without control characters: titles come from strangers and go to a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def print_json(value: object, file: TextIO | None = None) -> None:
    """One line of JSON; escaped where the stream cannot carry Unicode."""
    stream = file or sys.stdout
    unicode = (stream.encoding or "").lower().replace("-", "") == "utf8"
    stream.write(json.dumps(value, ensure_ascii=not unicode) + "\n")
    stream.flush()


def console() -> Console:
    """A console on stdout that adds nothing of its own to what is printed."""
    from rich.console import Console

    return Console(highlight=False, emoji=False, markup=False)


def show(renderable: RenderableType) -> None:
    """Prints to stdout; where that is no terminal, without styles, in wide lines without blanks at their ends.

    Text alone is wrapped by the terminal, so that an address or a command can be copied whole.
    """
    from rich.text import Text

    screen = console()
    if screen.is_terminal:
        screen.print(renderable, soft_wrap=isinstance(renderable, Text))
        return
    screen.width = PLAIN_WIDTH
    with screen.capture() as captured:
        screen.print(renderable, soft_wrap=isinstance(renderable, Text))
    lines = [line.strip(" ") if not line.strip() else line.rstrip() for line in captured.get().splitlines()]
    print("\n".join(lines).strip("\n"), flush=True)


def print_error(error: LongshoreError, as_json: bool) -> None:
    """What happened, why, and what to do next, as one paragraph or one JSON object on stderr."""
    if as_json:
        print_json({"error": error_fields(error)}, sys.stderr)
        return
    from rich.console import Console
    from rich.text import Text

    paragraph = Text.assemble(("Error: ", "bold red"), _sentence(str(error)))
    if error.hint:
        paragraph.append(" " + _sentence(error.hint), "dim" if sys.stderr.isatty() else "")
    Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty()).print(paragraph)


def error_fields(error: LongshoreError) -> Mapping[str, str]:
    return {"code": error.code, "message": runnable(str(error)), "hint": runnable(error.hint)}


def _sentence(text: str) -> str:
    line = clean(runnable(text))
    return line if line.endswith((".", "!", "?", ":")) else line + "."
