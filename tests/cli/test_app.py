"""The command as a whole: help, usage, exit codes, and what it must not drag in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from longshore.cli import asking, disk, stack
from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_shows_examples_and_exit_codes(run: Run, arguments: list[str]) -> None:
    shown = run(*arguments)

    assert shown.code == 0
    for part in ("longshore import ~/Zotero-export", "Exit codes", "LONGSHORE_API_URL", "approve", "status"):
        assert part in shown.out


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("longshore 0.")


@pytest.mark.parametrize(
    "arguments",
    [["imprt"], ["search"], ["imports", "--nonsense"], ["search", "x", "--limit", "0"], ["items", "x", "--state", "y"]],
)
def test_wrong_usage_exits_with_2_and_one_paragraph(run: Run, arguments: list[str]) -> None:
    refused = run(*arguments)

    assert refused.code == 2
    assert refused.err.startswith("Error: ")
    assert "--help" in refused.err
    assert refused.out == ""


def test_wrong_usage_as_json(run: Run) -> None:
    error = json.loads(run("search", "--json").err)["error"]

    assert error["code"] == "usage"
    assert set(error) == {"code", "message", "hint"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["imports"],
        ["search", "x"],
        ["show", "zotero.a.1"],
        ["graph", "hash", "library"],
        ["export", "x", "-f", "jsonl"],
    ],
)
def test_commands_that_read_start_nothing_and_say_how_to_start(run: Run, arguments: list[str]) -> None:
    refused = run(*arguments)

    assert refused.code == 5
    assert "longshore up" in refused.err


def test_an_api_that_does_not_answer(fake: FakeApi, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longshore.cli.asking.SHORT", 0.3)
    fake.stop()

    refused = run("imports", "--json")

    assert refused.code == 5
    assert json.loads(refused.err)["error"]["code"] == "api_unreachable"


def test_what_answers_may_be_something_else(fake: FakeApi, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGSHORE_API_URL", fake.url + "/elsewhere")

    assert run("imports").code == 5


def test_an_address_that_is_none_is_bad_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGSHORE_API_URL", "localhost:1")

    assert run("imports").code == 2


def test_what_nobody_expected_is_written_to_a_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(asking, "running_api", broken)

    failed = run("imports")

    assert failed.code == 1
    assert "Traceback" not in failed.err
    log = failed.err.split(" is written in ")[1].strip().removesuffix(".")
    assert "of all things" in Path(log).read_text()


def test_the_command_drags_in_no_engine_and_its_help_no_http() -> None:
    heavy = "('temporalio', 'httpx2', 'pydantic', 'lxml', 'numpy')"
    program = (
        "import sys; from longshore.cli.app import run; run(['--help']); "
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert finished.stderr == "[]\n"


def test_the_stack_is_asked_without_the_engines_client(tmp_path: Path) -> None:
    program = (
        "import sys; from longshore.cli.app import run; code = run(['status', '--json']); "
        "print(code, 'temporalio' in sys.modules, file=sys.stderr)"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LONGSHORE_HOME": str(tmp_path), "LONGSHORE_API_URL": ""},
    )

    assert finished.stderr == "5 False\n"
    status = json.loads(finished.stdout)
    assert status["running"] is False
    assert status["api"]["url"] is None


def test_status_has_the_same_form_for_an_api_elsewhere(fake: FakeApi, run: Run) -> None:
    status = run("status", "--json")

    assert status.code == 0
    assert status.json["api"]["url"] == fake.url
    assert status.json["temporal"]["address"] == "127.0.0.1:7233"
    assert status.json["temporal"]["ui"] == "http://127.0.0.1:8233"
    assert {status.json[part]["state"] for part in ("api", "temporal", "postgres", "worker")} == {"running"}
    assert fake.url in run("status").out


def test_nothing_is_started_here_while_the_environment_names_an_api_elsewhere(fake: FakeApi, run: Run) -> None:
    assert run("up").code == 2


def test_down_without_a_stack_is_no_failure(run: Run) -> None:
    assert run("down", "--json").json == {"running": False}
    assert run("down").out == "Nothing was running.\n"


def test_a_home_that_is_a_file_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LONGSHORE_HOME", str(tmp_path / "file"))

    for command in ("status", "imports", "up", "down"):
        refused = run(command)
        assert refused.code == 5
        assert "cannot write there" in refused.err


@pytest.mark.parametrize("command", ["show", "items", "cancel", "import"])
def test_an_empty_name_is_bad_input(run: Run, command: str) -> None:
    refused = run(command, "")

    assert refused.code == 2
    assert "empty" in refused.err


def test_what_a_killed_supervisor_left_is_named() -> None:
    parts = {name: {"state": "stopped", "pid": None} for name in ("api", "temporal", "worker")}
    found = {"running": False, "home": "/home", "postgres": {"state": "running", "pid": 7}, **parts}

    shown = str(stack._at_rest(found))

    assert "The supervisor is gone" in shown
    assert "Postgres (pid 7)" in shown


def test_a_disk_that_is_almost_full_is_told() -> None:
    assert disk.told(disk.LOW_BYTES) == disk.told(None) == ""
    assert "12.0 MB left" in disk.told(12_000_000)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LONGSHORE_PORT", "many", "LONGSHORE_PORT is 'many', which is not a whole number from 1 to 65535."),
        ("LONGSHORE_PORT", "70000", "which is not a whole number from 1 to 65535."),
        ("LONGSHORE_MAX_UPLOAD_BYTES", "0", "which is not a whole number of at least 1."),
        ("LONGSHORE_LOG_LEVEL", "loud", "'debug', 'info', 'warning', 'error' or 'critical'."),
        ("LONGSHORE_REQUIRE_KEYS", "perhaps", "it can be true or false."),
        ("LONGSHORE_PUBLIC_URL", "here", "LONGSHORE_PUBLIC_URL is not a URL"),
        ("LONGSHORE_CORS_ORIGINS", "*", "it names '*', which is not an origin"),
        ("LONGSHORE_HOME", "here", "is a relative path"),
        ("TEMPORAL_ADDRESS", "127.0.0.1:abc", "TEMPORAL_ADDRESS is '127.0.0.1:abc': it is not host:port"),
        ("TEMPORAL_ADDRESS", "foo", "is not host:port"),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)

    refused = run("imports")

    assert refused.code == 2
    assert variable in refused.err
    assert said in refused.err.replace("\n", " ")
