"""Tokens that say where the next page begins."""

from __future__ import annotations

import base64
import binascii
import json

from api.problems import Problem


def page_token(*position: str | int | None) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def position_of(token: str, *kinds: type | tuple[type, ...]) -> list[str]:
    """The position that a token stands for.

    Args:
        kinds: Of the values that it must have.

    Raises:
        Problem: 422 `invalid_page_token`.
    """
    try:
        position = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error) as error:
        raise invalid_token() from error
    if not isinstance(position, list) or len(position) != len(kinds):
        raise invalid_token()
    if not all(isinstance(value, kind) for value, kind in zip(position, kinds, strict=True)):
        raise invalid_token()
    return position


def invalid_token() -> Problem:
    return Problem(422, "invalid_page_token", "This page token was not given by this API.", "Start without one.")
