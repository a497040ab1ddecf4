"""`longshore doctor`: what does not fit together on this machine, why it matters and what to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from longshore.cli.asking import AsJson
from longshore.cli.naming import runnable
from longshore.cli.output import BadInput, Exit, clean, print_json, show
from longshore.cli.telling import Telling

if TYPE_CHECKING:
    from rich.console import RenderableType

    from longshore.stack.doctor.finding import Finding, Report


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without losing anything.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not read the files to see whether they are sound.")
    ] = False,
    as_json: AsJson = False,
) -> Exit:
    """Look for whatever does not fit together, and explain it. Nothing is changed without --fix.

    It looks at the home, its disk and processes, at the database, at every file that was brought, at Temporal, and at
    whether each import has its run. What runs can go on meanwhile.

    Exits with 1 if there is a problem, and with 5 if not everything could be looked at.
    """
    from longshore.cli import reaching
    from longshore.stack.doctor import examining

    if url := reaching.given_url():
        raise BadInput(
            "api_elsewhere",
            f"{reaching.VARIABLE} names an API that runs elsewhere ({url}); the doctor looks at this machine.",
            "Unset it, and run the doctor where worker and API run, with their settings.",
        )
    settings, told = reaching.settings(), Telling("Looking at", silent=as_json)

    report = asyncio.run(examining.visit(settings, told, quick=quick, fix=fix))
    told.end()
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        _print(report)
    if report.problems:
        return Exit.FAILED
    return Exit.UNREACHABLE if report.unexamined else Exit.SUCCEEDED


def _print(report: Report) -> None:
    from rich.text import Text

    for done in report.mended:
        show(Text.assemble(("✓ ", "green"), clean(done)))
    for finding in report.findings:
        show(_told(finding))
    for missed in report.unexamined:
        show(Text(f"Not looked at: {missed.what}. {clean(runnable(missed.why))}", "yellow"))
    show(Text(_summary(report)))


def _told(finding: Finding) -> RenderableType:
    from rich.text import Text

    style = "bold red" if finding.severity == "problem" else "bold yellow"
    head = f"{finding.what} ({finding.count:,})" if finding.count > 1 else finding.what
    text = Text.assemble(("● ", style), (clean(head), "bold"), f"\n  Why it matters: {clean(finding.why)}")
    text.append(f"\n  What to do: {clean(runnable(finding.remedy))}")
    for example in finding.examples:
        text.append(f"\n    {clean(example)}", "dim")
    if finding.count > len(finding.examples) > 0:
        text.append(f"\n    and {finding.count - len(finding.examples):,} more", "dim")
    return text


def _summary(report: Report) -> str:
    from longshore.cli import wording

    looked = f"Looked at {', '.join(report.examined)}."
    fixable = [finding for finding in report.findings if finding.fixable]
    if not report.problems:
        found = "Nothing is wrong with it." if report.examined else "Nothing could be looked at."
    else:
        found = f"{wording.counted(len(report.problems), 'problem')}."
    hint = runnable(" `longshore doctor --fix` mends what says so.") if fixable else ""
    return f"{looked} {found}{hint}"
