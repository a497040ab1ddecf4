"""The pool on real processes: what a document, an operator or a crash can do to them, and what it may cost."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from longshore.errors import LongshoreError
from longshore.parsing import pool as pool_module
from longshore.parsing import process as process_module
from longshore.parsing.document import parse_file
from longshore.parsing.model import Parsed, ParseFailure
from longshore.parsing.pool import ParserPool
from longshore.parsing.process import ParserProcess
from tests.parsing import papers

DEADLINE = 30.0
LAYOUT = b"BT /F 9 Tf 1 0 0 1 10 10 Tm (ab) Tj ET\n" * 1000


@pytest_asyncio.fixture
async def parsers() -> AsyncIterator[ParserPool]:
    async with ParserPool(processes=2) as pool:
        yield pool
    assert children() == []


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes a second or two to read."""
    return papers.bomb(tmp_path_factory.mktemp("slow") / "slow.pdf", LAYOUT, 100, pages=10)


@pytest.fixture(scope="session")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes minutes to read."""
    return papers.bomb(tmp_path_factory.mktemp("endless") / "endless.pdf", LAYOUT, 100, pages=2000)


def children() -> list[psutil.Process]:
    """The parser processes of this process."""
    return [child for child in psutil.Process().children() if "longshore.parsing.child" in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []


def _processor_seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return process.cpu_times().user
    return 0


def _resident_bytes(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):
        return process.memory_info().rss
    return 0


async def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not found():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


async def busy_child() -> psutil.Process:
    """A parser process once it works on a document: starting takes it less than half a second."""
    idle = {child.pid: _processor_seconds(child) for child in children()}
    busy: list[psutil.Process] = []

    def at_work() -> bool:
        busy[:] = [child for child in children() if _processor_seconds(child) > idle.get(child.pid, 0.5) + 0.1]
        return bool(busy)

    await until(at_work)
    return busy[0]


async def read(pool: ParserPool, path: Path) -> Parsed:
    return await pool.parse(path, "application/pdf", path.name)


async def refusal(pool: ParserPool, path: Path) -> str:
    with pytest.raises(ParseFailure) as caught:
        await read(pool, path)
    assert path.name in str(caught.value)
    return caught.value.code


async def test_a_child_reads_what_the_parser_reads(parsers: ParserPool, english: Path, korean: Path) -> None:
    for path in (english, korean):
        assert await read(parsers, path) == parse_file(path, None, path.name)


async def test_a_refusal_reaches_the_caller_and_costs_no_process(
    parsers: ParserPool, english: Path, tmp_path: Path
) -> None:
    await read(parsers, english)
    before = children()
    locked = papers.encrypted(tmp_path / "locked.pdf", english)
    assert [await refusal(parsers, locked), await refusal(parsers, locked)] == ["encrypted", "encrypted"]
    with pytest.raises(FileNotFoundError):
        await read(parsers, tmp_path / "gone.pdf")
    assert set(before) <= set(children())


async def test_content_wins_over_the_name(parsers: ParserPool, tmp_path: Path) -> None:
    (tmp_path / "page.pdf").write_text("<!doctype html><title>Moved</title><p>It is a page, whatever its name.</p>")
    parsed = await read(parsers, tmp_path / "page.pdf")
    assert (parsed.title, parsed.pages) == ("Moved", None)


async def test_callers_wait_for_a_free_process(parsers: ParserPool, english: Path) -> None:
    whole = parse_file(english, None, english.name)
    assert await asyncio.gather(*(read(parsers, english) for _ in range(20))) == [whole] * 20
    assert len(children()) == 2


async def test_a_document_that_takes_too_long_ends_and_the_pool_goes_on(endless: Path, english: Path) -> None:
    async with ParserPool(processes=1, wall_seconds=1.5) as pool:
        await read(pool, english)
        assert await refusal(pool, endless) == "parser_timeout"
        assert (await read(pool, english)).pages == 2


async def test_a_frozen_process_is_given_up(english: Path) -> None:
    async with ParserPool(processes=1, wall_seconds=1.5) as pool:
        await read(pool, english)
        children()[0].suspend()
        assert await refusal(pool, english) == "parser_timeout"
        assert (await read(pool, english)).pages == 2


async def test_a_killed_process_serves_nobody_from_that_moment_on() -> None:
    process = await ParserProcess.start(320 << 20)
    process.kill()
    assert not process.alive
    process.kill()
    await process.ended()


async def test_a_parent_that_was_frozen_does_not_blame_the_document(english: Path) -> None:
    async with ParserPool(processes=1, wall_seconds=1.5) as pool:
        await read(pool, english)
        reading = asyncio.ensure_future(read(pool, english))
        await asyncio.sleep(0)
        time.sleep(2)
        assert (await reading).pages == 2


async def test_processor_time_is_bounded_too(endless: Path, english: Path) -> None:
    async with ParserPool(processes=1, cpu_seconds=1) as pool:
        assert await refusal(pool, endless) == "parser_timeout"
        for _ in range(2):
            assert (await read(pool, english)).pages == 2


async def test_a_flate_bomb_kills_its_own_attempt_only(parsers: ParserPool, english: Path, tmp_path: Path) -> None:
    bomb = papers.bomb(tmp_path / "bomb.pdf", b" " * (1 << 20), 400)
    assert bomb.stat().st_size < 1 << 20
    outcomes = await asyncio.gather(refusal(parsers, bomb), *(read(parsers, english) for _ in range(3)))
    assert outcomes[0] in {"parser_out_of_memory", "corrupt"}
    assert [parsed.pages for parsed in outcomes[1:] if isinstance(parsed, Parsed)] == [2, 2, 2]


async def test_two_bombs_at_once_stay_within_the_memory_of_the_pool(
    parsers: ParserPool, english: Path, tmp_path: Path
) -> None:
    bomb = papers.bomb(tmp_path / "bomb.pdf", LAYOUT, 4000)
    bombs = asyncio.gather(refusal(parsers, bomb), refusal(parsers, bomb))
    peak = 0
    while not bombs.done():
        peak = max(peak, sum(_resident_bytes(child) for child in children()))
        await asyncio.sleep(0.005)
    assert set(await bombs) == {"parser_out_of_memory"}
    assert 120 << 20 < peak < 320 << 20
    assert (await read(parsers, english)).pages == 2


async def test_a_document_too_large_for_a_share_of_the_memory_is_read_alone(
    parsers: ParserPool, english: Path, tmp_path: Path
) -> None:
    large = papers.bomb(tmp_path / "large.pdf", LAYOUT, 400)
    outcomes = await asyncio.gather(*(read(parsers, path) for path in (large, english, english)))
    assert [parsed.pages for parsed in outcomes] == [1, 2, 2]


async def test_without_a_kernel_limit_the_parent_watches_the_size(
    monkeypatch: pytest.MonkeyPatch, english: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(process_module, "ADDRESS_SPACE_IS_LIMITED", False)
    large = papers.bomb(tmp_path / "large.pdf", LAYOUT, 600, pages=200)
    async with ParserPool(processes=1, memory_bytes=160 << 20) as pool:
        assert await refusal(pool, large) == "parser_out_of_memory"
        assert (await read(pool, english)).pages == 2


async def test_a_child_killed_while_idle_is_replaced(parsers: ParserPool, english: Path) -> None:
    await asyncio.gather(read(parsers, english), read(parsers, english))
    for child in children():
        child.kill()
    for _ in range(4):
        assert (await read(parsers, english)).pages == 2


async def test_a_child_killed_over_a_document_is_replaced_and_the_document_read(slow: Path, english: Path) -> None:
    async with ParserPool(processes=1) as pool:
        await read(pool, english)
        reading = asyncio.ensure_future(read(pool, slow))
        first = await busy_child()
        first.kill()
        assert (await reading).pages == 10
        assert first not in children()


async def test_a_document_whose_children_are_always_killed_is_given_up(endless: Path, english: Path) -> None:
    async with ParserPool(processes=1) as pool:
        reading = asyncio.ensure_future(refusal(pool, endless))
        for _ in range(2):
            (await busy_child()).kill()
        assert await reading == "parser_crashed"
        assert (await read(pool, english)).pages == 2


async def test_a_crash_is_the_documents_own(endless: Path, english: Path) -> None:
    async with ParserPool(processes=1) as pool:
        reading = asyncio.ensure_future(refusal(pool, endless))
        (await busy_child()).send_signal(signal.SIGSEGV)
        assert await reading == "parser_crashed"
        assert (await read(pool, english)).pages == 2


async def test_cancelling_the_caller_kills_the_child_and_its_answer(slow: Path, english: Path) -> None:
    async with ParserPool(processes=1) as pool:
        await read(pool, english)
        reading = asyncio.ensure_future(read(pool, slow))
        child = await busy_child()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await read(pool, english) == parse_file(english, None, english.name)
        assert child not in children()


async def test_a_caller_cancelled_while_it_waits_takes_no_place(slow: Path, english: Path) -> None:
    async with ParserPool(processes=1) as pool:
        await read(pool, english)
        reading = asyncio.ensure_future(read(pool, slow))
        waiting = asyncio.ensure_future(read(pool, english))
        await busy_child()
        waiting.cancel()
        assert (await reading).pages == 10
        assert (await read(pool, english)).pages == 2


async def test_leaving_the_pool_ends_what_still_reads(endless: Path) -> None:
    async with ParserPool(processes=1) as pool:
        reading = asyncio.ensure_future(read(pool, endless))
        await busy_child()
    assert children() == []
    with pytest.raises(RuntimeError, match="closed"):
        await reading


async def test_a_process_retires_after_its_share_of_documents(monkeypatch: pytest.MonkeyPatch, english: Path) -> None:
    monkeypatch.setattr(pool_module, "_DOCUMENTS_PER_PROCESS", 2)
    pids = set()
    async with ParserPool(processes=1) as pool:
        for _ in range(4):
            assert (await read(pool, english)).pages == 2
            pids |= {child.pid for child in children() if child.is_running()}
    assert len(pids) == 2


async def test_an_answer_has_a_greatest_size(
    monkeypatch: pytest.MonkeyPatch, parsers: ParserPool, english: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(process_module, "MAX_ANSWER_BYTES", 1000)
        assert await refusal(parsers, english) == "too_large"
    assert (await read(parsers, english)).pages == 2


async def test_a_parser_that_cannot_start_is_no_fault_of_the_document(
    monkeypatch: pytest.MonkeyPatch, parsers: ParserPool, english: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", shutil.which("false"))
        with pytest.raises(LongshoreError) as caught:
            await read(parsers, english)
    assert caught.value.code == "parser_unavailable"
    assert not isinstance(caught.value, ParseFailure)
    assert (await read(parsers, english)).pages == 2


async def test_a_child_is_small_confined_and_knows_no_secret(
    monkeypatch: pytest.MonkeyPatch, parsers: ParserPool, english: Path, korean: Path
) -> None:
    monkeypatch.setenv("LONGSHORE_DATABASE_URL", "postgresql://somewhere/else")
    await asyncio.gather(*(read(parsers, path) for path in [english, korean] * 10))
    for child in children():
        assert child.memory_info().rss < 80 << 20
        assert "LONGSHORE_DATABASE_URL" not in child.environ()
        assert os.getsid(child.pid) == child.pid
        if sys.platform == "linux":
            assert child.rlimit(resource.RLIMIT_AS) == (160 << 20, 160 << 20)
            assert child.rlimit(resource.RLIMIT_CORE) == (0, 0)
            assert child.rlimit(resource.RLIMIT_FSIZE) == (0, 0)
            assert Path(f"/proc/{child.pid}/oom_score_adj").read_text().strip() == "1000"


async def test_a_child_imports_nothing_of_the_engine() -> None:
    program = "import sys, longshore.parsing.child; print(*{name.partition('.')[0] for name in sys.modules})"
    asked = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    output, _ = await asked.communicate()
    modules = set(output.decode().split())
    assert "pypdfium2" in modules
    assert modules.isdisjoint({"temporalio", "psycopg", "numpy", "asyncio", "fastapi", "psutil"})


async def test_no_child_outlives_a_parent_that_is_killed(endless: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from longshore.parsing.pool import ParserPool\n"
        "async def main():\n"
        "    async with ParserPool(processes=2) as pool:\n"
        "        path = pathlib.Path(sys.argv[1])\n"
        "        await asyncio.gather(*(pool.parse(path, None, path.name) for _ in range(2)))\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(endless))
    offspring: set[psutil.Process] = set()

    def both_at_work() -> bool:
        offspring.update(psutil.Process(parent.pid).children())
        return len(offspring) == 2 and all(_processor_seconds(child) > 0.6 for child in offspring)

    await until(both_at_work)
    parent.kill()
    await parent.wait()
    await until(lambda: not any(_command(child) for child in offspring))
