"""docs/api.md says what there is, all of it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from api.app import create_app
from api.problem_types import PROBLEM_TYPES
from longshore.codes import KNOWN
from longshore.settings import Settings
from workflows.contracts import State

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
PATHS = create_app(Settings(database_url="postgresql://localhost/unused")).openapi()["paths"]


@pytest.mark.parametrize("path", PATHS)
def test_every_endpoint_is_listed(path: str) -> None:
    base, _, action = path.partition("{import_id}:")
    methods = {method.upper() for method in PATHS[path]}
    if action:
        assert f"`:{action}`" in TEXT or f"POST {base}{{import_id}}:{action}`" in TEXT
        return
    rows = "".join(line for line in TEXT.splitlines() if line.startswith("| `") and f" {path}`" in line)
    assert rows
    assert all(f"`{method}" in rows for method in methods)


@pytest.mark.parametrize("code", [*PROBLEM_TYPES, *KNOWN, *get_args(State)])
def test_every_code_and_state_is_explained(code: str) -> None:
    assert f"`{code}`" in TEXT
