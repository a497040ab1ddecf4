"""The settings of the environment, and what a person is told of one that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from longshore.cli.output import BadInput

if TYPE_CHECKING:
    from longshore.settings import Settings


def settings() -> Settings:
    """The settings of the environment.

    Raises:
        BadInput: one of them cannot be understood.
    """
    from pydantic import ValidationError

    from longshore.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name.upper() if name.upper().startswith("TEMPORAL") else f"LONGSHORE_{name.upper()}"
        raise BadInput("bad_setting", _sentence(variable, name.lower(), dict(first)), "Change or unset it.") from error


def _sentence(variable: str, name: str, error: dict[str, Any]) -> str:
    """What is wrong, without the library's own words; a URL is not quoted, for it may hold a password."""
    kind, given = error["type"], error["input"]
    if kind.startswith("url"):
        return f"{variable} is not a URL such as https://example.org"
    told = f"{variable} is {str(given)!r}"
    if kind == "value_error":
        return f"{told}: it {error['ctx']['error']}"
    if kind == "literal_error":
        return f"{told}; it can be {error['ctx']['expected']}"
    if kind.startswith("bool"):
        return f"{told}; it can be true or false"
    if kind.startswith("int") or kind in ("greater_than_equal", "less_than_equal"):
        return f"{told}, which is not a whole number {_bounds(name)}"
    return f"{told}, which cannot be used"


def _bounds(name: str) -> str:
    from longshore.settings import Settings

    found = Settings.model_fields[name].metadata
    low = next((bound.ge for bound in found if hasattr(bound, "ge")), None)
    high = next((bound.le for bound in found if hasattr(bound, "le")), None)
    return f"from {low} to {high}" if high is not None else f"of at least {low}"
