"""Which methods an address takes, over all the routes that share it."""

from __future__ import annotations

import re
from functools import cache

from fastapi import FastAPI
from starlette.routing import compile_path


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """Methods that the schema has for this address; each route by itself knows only its own."""
    paths = app.openapi()["paths"]
    matching = [template for template in paths if _pattern(template).match(path)]
    # `{import_id}` matches `{import_id}:pause` too, which says more.
    closest = max((_literals(template) for template in matching), default=0)
    methods = {method.upper() for template in matching if _literals(template) == closest for method in paths[template]}
    return sorted(methods)


def _literals(template: str) -> int:
    return len(re.sub(r"\{\w+\}", "", template))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return compile_path(template)[0]
