"""What is kept of an object: fields that say something and have the form that the API promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LEFT_OUT = frozenset({"key", "version"})
_LISTS: Mapping[str, type] = {"tags": dict, "creators": dict, "collections": str}


def storable(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with plain values, and of those with several the ones that are read."""
    kept: dict[str, Any] = {}
    for name, value in data.items():
        if name in _LEFT_OUT:
            continue
        if kind := _LISTS.get(name):
            kept[name] = _listed(value, kind)
        elif (plain := _plain(value)) not in ("", None):
            kept[name] = plain
    return kept


def _listed(value: object, kind: type) -> list[Any]:
    told = value if isinstance(value, list) else []
    return [_record(one) if isinstance(one, dict) else _plain(one) for one in told if isinstance(one, kind)]


def _record(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain for name, value in told.items() if (plain := _plain(value)) is not None}


def _plain(value: object) -> str | int | None:
    """In characters that can be stored: Postgres has no U+0000 in texts, and half a surrogate pair is none."""
    if isinstance(value, str):
        return value.replace("\0", " ").encode(errors="replace").decode()
    return value if isinstance(value, int) and value is not False else None
