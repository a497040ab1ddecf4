"""Every error is a problem with a code, a hint and the request's id."""

from __future__ import annotations

import httpx2
import pytest
from starlette.routing import Route

from api.app import create_app
from tests.api.door import Door


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nowhere", 404, "not_found"),
        ("DELETE", "/v1/imports", 405, "method_not_allowed"),
        ("GET", "/v1/imports?state=adrift", 422, "invalid_request"),
        ("GET", "/v1/imports?project=Not%20A%20Project", 422, "invalid_request"),
        ("GET", "/v1/projects/harbour/imports/not-an-id", 404, "import_not_found"),
        ("GET", "/v1/projects/harbour/imports/zotero.none.000000000000", 404, "import_not_found"),
        ("GET", "/v1/projects/harbour/search?q=anchor", 404, "project_not_found"),
        ("POST", "/v1/projects/harbour/imports/zotero.none.000000000000:pause", 404, "import_not_found"),
        ("POST", "/v1/projects/harbour/imports/zotero.none.000000000000:sink", 405, "method_not_allowed"),
    ],
)
async def test_errors_are_problems(door: Door, method: str, path: str, status: int, code: str) -> None:
    answer = await door.http.request(method, path, headers={"X-Request-Id": "voyage-7"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "voyage-7"
    problem = answer.json()
    assert problem["code"] == code
    assert problem["request_id"] == "voyage-7"
    assert problem["status"] == status
    assert {"type", "title", "detail", "hint"} <= set(problem)
    if status == 405:
        assert answer.headers["allow"]


async def test_an_invalid_request_names_its_parts(door: Door) -> None:
    answer = await door.http.post("/v1/projects/harbour/imports", json={"source": {"kind": "zotero", "name": ""}})

    assert answer.status_code == 422
    assert {"/body/source/name", "/body/source/manifest"} == {part["pointer"] for part in answer.json()["errors"]}


async def test_a_request_id_that_could_forge_a_log_line_is_replaced(door: Door) -> None:
    answer = await door.http.get("/healthz", headers={"X-Request-Id": "x" * 200})

    assert answer.headers["x-request-id"] != "x" * 200


async def test_what_nobody_foresaw_is_a_problem_too(door: Door) -> None:
    async def capsize(request: object) -> None:
        raise KeyError("keel")

    app = create_app(door.settings)
    app.router.routes.append(Route("/capsize", capsize))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://longshore") as http:
        answer = await http.get("/capsize")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert "keel" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_the_schema_types_every_operation(door: Door) -> None:
    schema = await door.get("/openapi.json")

    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations) >= 15
    for operation in operations:
        answers = operation["responses"]
        assert "application/problem+json" in answers["422"]["content"]
        status, success = next((status, answer) for status, answer in answers.items() if status < "300")
        if status == "204":
            continue
        assert "schema" in next(iter(success["content"].values())) or "text/event-stream" in success["content"]
