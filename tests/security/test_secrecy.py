"""No answer, log or metric holds a key; metrics are for who may see them; problems can be read up."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from api.problem_types import PROBLEM_TYPES
from longshore.graph import api_keys
from tests.security.conftest import Gate

API = Path(__file__).parents[2] / "api"


async def test_a_key_is_in_no_log_and_in_no_answer(guarded: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    caller = guarded.at("127.0.0.30")
    keys = [await guarded.key("admin"), await guarded.key("read", revoked=True), api_keys.mint()[1]]
    answers = []
    for key in keys:
        paths = ("/v1/imports", "/v1/nowhere", "/v1/imports?state=adrift", "/metrics")
        answers += [await caller.ask("GET", path, key) for path in paths]
        answers.append(await caller.ask("POST", "/v1/session", json={"key": key}))
        answers.append(await caller.ask("POST", "/v1/session", json={"key": [key]}))
        in_address = await guarded.at("127.0.0.32").ask("GET", f"/v1/imports?key={key}")
        assert in_address.status_code == 401
    logs = capsys.readouterr()

    for key in keys:
        secret = key.split("_")[-2]
        assert all(secret not in f"{answer.text}{answer.headers}" for answer in answers)
        assert secret not in logs.out + logs.err
    assert "key_revoked" in logs.out
    assert str(api_keys.id_of(keys[0])) in logs.out


async def test_metrics_are_for_this_machine_or_an_admin(local: Gate, guarded: Gate) -> None:
    await local.ask("GET", "/v1/projects/harbour/imports/zotero.none.000000000000")
    found = (await local.ask("GET", "/metrics")).text

    assert (
        'longshore_http_requests_total{method="GET",route="/v1/projects/{project}/imports/{import_id}",status="404"}'
        in found
    )
    assert "harbour" not in found
    assert (await guarded.at("127.0.0.31").ask("GET", "/metrics")).status_code == 401
    assert (await guarded.ask("GET", "/metrics", await guarded.key("admin"))).status_code == 200


async def test_a_problem_leads_to_what_it_means(local: Gate) -> None:
    problem = (await local.ask("GET", "/v1/imports?state=adrift")).json()

    explained = await local.ask("GET", problem["type"])
    shown = await local.ask("GET", problem["type"], headers={"Accept": "text/html"})

    assert explained.json()["code"] == "invalid_request"
    assert shown.headers["content-type"].startswith("text/html")
    assert "<h1>Not valid</h1>" in shown.text
    assert (await local.ask("GET", "/problems/adrift")).status_code == 404


def test_every_problem_of_the_api_is_explained() -> None:
    calls = [
        call
        for path in API.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Problem", "refuse")
    ]
    codes = {
        argument.value
        for call in calls
        for argument in call.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value.islower()
    }

    assert len(codes) > 20
    assert {code for code in codes if " " not in code} - PROBLEM_TYPES.keys() == set()
