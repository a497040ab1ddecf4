from __future__ import annotations

from pathlib import Path

from tests.faults.matrix import MATRIX
from tests.faults.report import BEGIN, END, is_red, table, write_into
from tests.faults.trials import Fault, NotHere, Outcome, Row, Trial, attempt, listed

KNOWN = {
    *(f"F{number:02}" for number in range(1, 19)),
    *(
        f"F{number}"
        for first, last in ((20, 25), (30, 37), (40, 48), (50, 54), (60, 69))
        for number in range(first, last + 1)
    ),
}


def test_every_fault_has_a_line_with_trials_or_a_reason() -> None:
    assert [fault.id for fault in MATRIX] == sorted(KNOWN)
    assert all(bool(fault.trials) != bool(fault.absent) for fault in MATRIX)


def test_every_fault_has_its_line_in_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text()
    measured = page.partition(BEGIN)[2].partition(END)[0]
    assert {line[2:5] for line in measured.splitlines() if line.startswith("| F")} == KNOWN
    assert ": red" not in measured


async def test_what_went_wrong_is_red_and_what_cannot_be_tried_says_why() -> None:
    async def survive() -> Outcome:
        return Outcome(redone=2, recovery_s=4.25)

    async def sink() -> Outcome:
        raise AssertionError("the graph differs")

    async def cannot() -> Outcome:
        raise NotHere("it takes a ship")

    said: list[str] = []
    fault = Fault("F99", "a storm", [lambda _: [Trial("calm", survive), Trial("gale", sink), Trial("ship", cannot)]])
    row = Row(fault, [await attempt(fault, trial, said.append) for trial in listed(fault, None)])
    assert (row.tries, row.survived, row.red) == (2, 1, ["gale: AssertionError: the graph differs"])
    assert is_red(row)
    assert "| F99 | a storm (not run here: it takes a ship) | 2 | **1: red** | 2 | 4.2 |  |" in table([row])
    assert is_red(Row(Fault("F98", "nothing"))), "what nobody tried is no success"
    assert not is_red(Row(Fault("F97", "elsewhere", absent="it is measured elsewhere")))


def test_what_cannot_even_be_prepared_says_why() -> None:
    def nothing(_: object) -> list[Trial]:
        raise NotHere("it takes a harbour")

    assert [trial.name for trial in listed(Fault("F99", "a storm", [nothing]), None)] == ["it takes a harbour"]


def test_lines_of_faults_that_were_not_tried_stay(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\n| F01 | old | 1 |\n| F02 | old | 1 |\n\nYesterday.\n\n{END}\nafter\n")
    write_into(page, "| F02 | new | 2 |\n| F03 | new | 3 |\n\nToday.")
    lines = page.read_text().splitlines()
    assert [line for line in lines if line.startswith("| F0")] == [
        "| F01 | old | 1 |",
        "| F02 | new | 2 |",
        "| F03 | new | 3 |",
    ]
    assert (lines[0], lines[-1]) == ("before", "after")
    assert ("Today." in lines, "Yesterday." in lines) == (True, False)
