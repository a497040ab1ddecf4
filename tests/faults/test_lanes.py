from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tests.faults.journal import Journal
from tests.faults.lanes import Lanes
from tests.faults.sessions import counted
from tests.faults.trials import Fault, Outcome, Row, Trial


class Sea:
    """Trials that note who is under way with them."""

    def __init__(self, gale_sinks: bool) -> None:
        self.gale_sinks = gale_sinks
        self.under_way: set[str] = set()
        self.companies: list[frozenset[str]] = []
        self.tried: list[str] = []
        self.faults = (
            Fault("F01", "weather", [lambda lane: [self.trial(lane, "calm"), self.trial(lane, "gale")]]),
            Fault("F02", "ice", [lambda lane: [self.trial(lane, "ice", alone=True)]]),
            Fault("F03", "elsewhere", absent="it is measured elsewhere"),
        )

    def trial(self, lane: str, name: str, alone: bool = False) -> Trial:
        async def sail() -> Outcome:
            self.tried.append(name)
            self.under_way.add(f"{name} in lane {lane}")
            self.companies.append(frozenset(self.under_way))
            await asyncio.sleep(0)
            self.under_way.discard(f"{name} in lane {lane}")
            if name == "gale" and self.gale_sinks:
                raise AssertionError("sunk")
            return Outcome(redone=1)

        return Trial(name, sail, alone=alone)


async def sail(sea: Sea, journal: Journal) -> tuple[list[Row], list[Row]]:
    ended: list[Row] = []
    rows = await Lanes(sea.faults, ["a", "b"], journal, lambda _: None, ended.append).run()
    journal.close()
    return rows, ended


def fates(rows: Sequence[Row]) -> list[tuple[str, int, int]]:
    return [(row.fault.id, row.tries, row.survived) for row in rows]


async def test_lanes_share_what_may_be_tried_side_by_side_and_a_red_trial_is_tried_again(tmp_path: Path) -> None:
    sea = Sea(gale_sinks=True)
    rows, ended = await sail(sea, Journal(tmp_path / "journal", "abc", seed=1))
    assert frozenset({"ice in lane a"}) in sea.companies
    assert frozenset({"calm in lane a", "gale in lane b"}) in sea.companies
    assert fates(rows) == [("F01", 2, 1), ("F02", 1, 1), ("F03", 0, 0)]
    assert [row.fault.id for row in ended] == ["F03", "F02", "F01"]

    with (tmp_path / "journal").open("a") as journal:
        journal.write('{"fault": "F02", "tri')  # the run was killed while it wrote
    calmer = Sea(gale_sinks=False)
    continued = Journal(tmp_path / "journal", "abc", seed=2, resume=True)
    rows, _ = await sail(calmer, continued)
    assert (calmer.tried, continued.seed) == (["gale"], 1)
    assert fates(rows) == [("F01", 2, 2), ("F02", 1, 1), ("F03", 0, 0)]


async def test_what_another_commit_has_shown_does_not_count(tmp_path: Path) -> None:
    await sail(Sea(gale_sinks=False), Journal(tmp_path / "journal", "abc", seed=1))
    later = Sea(gale_sinks=False)
    await sail(later, Journal(tmp_path / "journal", "def", seed=2, resume=True))
    assert sorted(later.tried) == ["calm", "gale", "ice"]


def test_tests_are_counted_by_their_files(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(
        "<testsuites><testsuite>"
        '<testcase classname="tests.sources.test_git" name="one"/>'
        '<testcase classname="tests.sources.test_git.TestRefs" name="two"/>'
        '<testcase classname="tests.sources.test_github" name="other"/>'
        '<testcase classname="tests.test_blobs" name="three"><failure message="lost"/></testcase>'
        '<testcase classname="tests.test_blobs" name="four"><skipped/></testcase>'
        "</testsuite></testsuites>"
    )
    said = counted(tmp_path / "report.xml", ["sources/test_git.py", "test_blobs.py"], "")
    assert (said.passed["sources/test_git.py"], said.passed["test_blobs.py"]) == (2, 0)
    assert said.failed == {"test_blobs.py": ["three: lost"]}
