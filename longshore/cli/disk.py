"""Whether the disk that an import on this machine fills has room left."""

from __future__ import annotations

from longshore.cli import wording

LOW_BYTES = 200_000_000


def warning() -> str:
    """A sentence where the disk of the home is almost full; nothing where the API runs elsewhere."""
    from longshore.cli.configuration import settings
    from longshore.cli.reaching import given_url
    from longshore.stack.checks import free_bytes

    return "" if given_url() else told(free_bytes(settings().home))


def told(free: int | None) -> str:
    if free is None or free >= LOW_BYTES:
        return ""
    return f"The disk is almost full: {wording.size(free)} left. Make room, or imports cannot go on."
