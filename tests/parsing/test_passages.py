"""Passages of another size than the usual one."""

from __future__ import annotations

from pathlib import Path

from longshore.parsing.chunking import cjk_budget
from longshore.parsing.inline import parse_text
from longshore.parsing.pool import ParserPool
from longshore.parsing.version import parser_version, version_for

ENGLISH = "A crane lifts what the ship has brought. " * 60
KOREAN = "크레인이 배에서 짐을 내려놓는다. " * 60


def test_passages_are_no_longer_than_asked_for() -> None:
    for latin in (300, 900, 2000):
        english = parse_text(ENGLISH, "text/plain", latin)
        assert latin * 0.5 < max(len(chunk.text) for chunk in english.chunks) <= latin
        korean = parse_text(KOREAN, "text/plain", latin)
        assert max(len(chunk.text) for chunk in korean.chunks) <= cjk_budget(latin)


async def test_child_process_cuts_as_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "cranes.txt"
    path.write_text(ENGLISH)
    async with ParserPool(processes=1) as pool:
        short = await pool.parse(path, "text/plain", "cranes.txt", 300)
        usual = await pool.parse(path, "text/plain", "cranes.txt")
    assert [chunk.text for chunk in short.chunks] == [chunk.text for chunk in parse_text(ENGLISH, "", 300).chunks]
    assert [chunk.text for chunk in usual.chunks] == [chunk.text for chunk in parse_text(ENGLISH, "").chunks]


def test_each_size_has_a_version_of_its_own_and_the_usual_one_that_which_it_always_had() -> None:
    assert version_for(900) == parser_version
    assert parser_version.endswith("budgets=900,500,0.3")
    assert len({version_for(latin) for latin in (300, 900, 2000)}) == 3
