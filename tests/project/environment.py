"""The environment variables that the settings read."""

from __future__ import annotations

from pydantic import AliasChoices

from longshore.settings import Settings


def settings_variables() -> set[str]:
    names = set()
    for field, info in Settings.model_fields.items():
        alias = info.validation_alias
        names.add(str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"LONGSHORE_{field}".upper())
    return names
