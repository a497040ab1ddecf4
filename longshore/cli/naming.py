"""What a person types for this command, which may have been started by a path that no PATH leads to."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path

NAME = "longshore"


def command(arguments: str) -> str:
    """A command line that works as it is shown, in the folder that this one was started in."""
    return f"{program()} {arguments}"


def runnable(text: str) -> str:
    """The text with its commands, which stand in backticks, as they can be typed here."""
    return re.sub(rf"`{NAME}(?=[ `])", lambda _: f"`{program()}", text)


def program() -> str:
    return _program(sys.argv[0], os.environ.get("PATH"))


@cache
def _program(started: str, search: str | None) -> str:
    path = Path(started)
    if path.name != NAME or not path.is_file():
        return NAME
    on_path = shutil.which(NAME, path=search)
    if on_path and path.samefile(on_path):
        return NAME
    here = path.absolute()
    shown = here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here
    return shlex.quote(str(shown) if shown.is_absolute() or len(shown.parts) > 1 else f"./{shown}")
