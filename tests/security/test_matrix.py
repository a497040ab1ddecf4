"""Every operation of the schema against every key that is not enough."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest

from api.app import create_app
from api.security.authorisation import needs_key
from longshore.graph import api_keys
from longshore.graph.api_keys import SCOPES, Scope
from longshore.settings import Settings
from tests.security.conftest import Gate

SCHEMA: dict[str, Any] = create_app(Settings()).openapi()
VALUES = {"project": "harbour", "sha256": "0" * 64, "import_id": "zotero.none.000000000000"}


class Operation(NamedTuple):
    id: str
    method: str
    path: str
    scope: Scope | None

    @property
    def address(self) -> str:
        return re.sub(r"\{(\w+)\}", lambda name: VALUES.get(name[1], "00000000-0000-0000-0000-000000000000"), self.path)


OPERATIONS = [
    Operation(operation["operationId"], method.upper(), path, operation.get("x-scope"))
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
]
KEYED = [operation for operation in OPERATIONS if operation.scope]
each = pytest.mark.parametrize("operation", KEYED, ids=lambda operation: operation.id)


def test_what_is_open_is_known() -> None:
    opened = {operation.path for operation in OPERATIONS if operation.scope is None}

    assert opened == {"/healthz", "/readyz", "/v1/session", "/problems/{code}", "/v1/hooks/{project}/{source}"}
    assert not any(needs_key(path) for path in opened)
    assert needs_key("/v1/hooks")


@each
async def test_without_a_valid_key_nothing_is_answered(guarded: Gate, operation: Operation) -> None:
    """Not even whether the body could be read."""
    stranger = guarded.at(f"10.0.0.{KEYED.index(operation)}")
    _, unknown = api_keys.mint()
    for key, code in (
        (None, "key_required"),
        ("not-a-key", "invalid_key"),
        (unknown, "invalid_key"),
        (await guarded.key("admin", revoked=True), "key_revoked"),
        (await guarded.key("admin", expired=True), "key_expired"),
    ):
        answer = await stranger.ask(operation.method, operation.address, key, content=b"{")
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert not key or key not in answer.text


@each
async def test_another_project_does_not_exist(guarded: Gate, operation: Operation) -> None:
    if "{project}" not in operation.path:
        return
    stranger = await guarded.key("admin", projects=["elsewhere"])

    answer = await guarded.ask(operation.method, operation.address, stranger)

    assert (answer.status_code, answer.json()["code"]) == (404, "project_not_found")


@each
async def test_a_lesser_scope_is_not_enough(guarded: Gate, operation: Operation) -> None:
    assert operation.scope
    lesser = SCOPES[: SCOPES.index(operation.scope)]
    for scope in lesser:
        key = await guarded.key(scope, projects=["harbour"])
        answer = await guarded.ask(operation.method, operation.address, key)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


@each
async def test_the_scope_that_the_schema_names_is_enough(guarded: Gate, operation: Operation) -> None:
    assert operation.scope
    key = await guarded.key(operation.scope, projects=["harbour"])

    answer = await guarded.ask(operation.method, operation.address, key, params={"until": "snapshot"})

    assert answer.status_code not in (401, 403, 429, 500)
    if answer.status_code == 404:
        assert answer.json()["code"] != "not_found"
