"""Where the API is: at the address in the environment, else where this machine's stack runs it."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from longshore.cli.configuration import settings
from longshore.cli.output import BadInput
from longshore.errors import StackError

__all__ = ["VARIABLE", "given_url", "greet", "locate", "log_failure", "settings", "start"]

VARIABLE = "LONGSHORE_API_URL"


def given_url() -> str | None:
    """The API's address from the environment, where one is given.

    Raises:
        BadInput: it is not a URL.
    """
    url = os.environ.get(VARIABLE, "").strip().rstrip("/")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput("bad_api_url", f"{VARIABLE} is {url!r}, which is not a URL.", "Give it as http://HOST:PORT.")
    return url


def log_failure() -> Path | None:
    """Writes the failure that is being handled to the command's log; gives the log, or None if it cannot be written."""
    try:
        log = settings().home / "logs" / "command.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{traceback.format_exc()}\n")
    except (OSError, BadInput):
        return None
    return log


def locate() -> str:
    """The API's base URL.

    Raises:
        StackError: nothing runs, or not yet so far that the API has an address.
    """
    if url := given_url():
        return url
    from longshore.stack import control

    stack = control.status(settings())
    if stack.running and stack.api.url:
        return stack.api.url
    if stack.running:
        why = f" ({stack.api.reason})" if stack.api.reason else ""
        raise StackError("starting", f"Longshore is starting, and its API is not there yet{why}.", "Try again soon.")
    raise StackError(
        "not_running",
        "Longshore is not running on this machine.",
        f"`longshore up` starts it, or {VARIABLE} names an API that runs elsewhere.",
    )


def greet() -> None:
    """Sees that the API of the environment answers, where one is named, before any work is put into it.

    Raises:
        StackError: it does not.
    """
    if not given_url():
        return
    from longshore.cli import asking

    async def ask() -> None:
        async with asking.running_api() as api:
            await api.get("/healthz")

    asyncio.run(ask())


def start(note: Callable[[str], None]) -> None:
    """Starts what is not running; nothing, where the environment names an API.

    Raises:
        StackError: why it cannot be started.
    """
    if given_url():
        return
    from longshore.stack import control

    here = settings()
    stack = control.status(here)
    services = (stack.postgres, stack.temporal, stack.worker, stack.api)
    runs = stack.running and all(service.state == "running" for service in services)
    asyncio.run(control.up(here, (lambda _: None) if runs else note))
