"""`longshore dev fake-provider`, as a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import httpx2
import pytest

from longshore.cli import app as command

COMMAND = [sys.executable, "-c", "from longshore.cli.app import main; main()", "dev", "fake-provider"]


async def test_it_serves_logs_and_ends_when_it_is_told(tmp_path: Path) -> None:
    script, log = tmp_path / "script.json", tmp_path / "calls.jsonl"
    script.write_text(json.dumps({"rules": [{"first": 2, "do": "refuse", "status": 429}]}))
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--script", str(script), "--log", str(log), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        async with asyncio.timeout(30), httpx2.AsyncClient(trust_env=False) as client:
            url = (await process.stdout.readline()).decode().strip()
            body = {"model": "m", "messages": [{"role": "user", "content": "a passage"}]}
            statuses = [(await client.post(f"{url}/v1/chat/completions", json=body)).status_code for _ in range(2)]
    finally:
        process.send_signal(signal.SIGTERM)
        code = await process.wait()
    assert (statuses, code) == ([200, 429], 0)
    assert [json.loads(line)["protocol"] for line in log.read_text().splitlines()] == ["chat", "chat"]


@pytest.mark.parametrize("content", ["", "[]", '{"rules": [{"do": "dance"}]}'])
def test_a_script_that_is_none_is_told(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script.json"
    script.write_text(content)
    assert command.run(["dev", "fake-provider", "--script", str(script)]) == 2
    assert str(script) in capsys.readouterr().err.replace("\n", "")


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert command.run(["dev", "fake-provider", "--port", str(port)]) == 5
    assert "cannot be used" in capsys.readouterr().err
