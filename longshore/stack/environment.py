"""Settings handed on to a process that reads them from its environment."""

from __future__ import annotations

from pydantic import AliasChoices

from longshore.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make `Settings()` in another process, in any folder, equal to these."""
    values = settings.model_dump(mode="json", exclude_none=True)
    values["home"] = str(settings.home.expanduser().absolute())
    if settings.secret_key:
        values["secret_key"] = settings.secret_key.get_secret_value()
    variables = {}
    for name, value in values.items():
        alias = Settings.model_fields[name].validation_alias
        variable = alias.choices[0] if isinstance(alias, AliasChoices) else f"LONGSHORE_{name.upper()}"
        variables[str(variable)] = str(value)
    return variables
