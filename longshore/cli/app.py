"""The command `longshore`: its parts put together, and what it does when something goes wrong."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from longshore.cli import (
    backing_up,
    comparing,
    dev,
    doctor,
    exporting,
    graph,
    holdings,
    importing,
    keys,
    planning,
    providers,
    scheduling,
    search,
    stack,
    steering,
)
from longshore.cli.output import BadInput, Exit, clean, exit_code, print_error
from longshore.errors import LongshoreError

OVERVIEW = """\
Longshore unloads a research library into a searchable knowledge graph, and never drops the cargo.

[bold]Begin with[/]

  longshore import ~/Zotero-export          bring in a library; what is needed is started
  longshore search "rate distortion"        find a passage
  longshore imports                         what was imported, what runs, what waits
"""
CLOSING = """\
An import goes on when this command, the machine or any part of Longshore stops. Run the same command again to come \
back to it.

[bold]Exit codes[/]  0 succeeded · 1 failed · 2 usage or bad input · 3 single items failed (with --strict) · \
4 cancelled · 5 Longshore cannot be reached or started · 130 detached by Ctrl-C

[bold]Environment[/]  LONGSHORE_API_URL: use the API at this address and start nothing · LONGSHORE_API_KEY: the key \
that it demands · LONGSHORE_HOME: the folder that keeps all state · LONGSHORE_DATABASE_URL, TEMPORAL_ADDRESS: use \
these servers instead of starting some
"""
IMPORTS, SEARCH, ENGINES = "Imports", "What is known", "The engines on this machine"

app = typer.Typer(
    help=OVERVIEW,
    epilog=CLOSING,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
)
app.command("import", rich_help_panel=IMPORTS, epilog=importing.EXAMPLES)(importing.import_)
app.command("plan", rich_help_panel=IMPORTS, epilog=planning.EXAMPLES)(planning.plan)
app.command("imports", rich_help_panel=IMPORTS)(steering.imports)
app.command("show", rich_help_panel=IMPORTS)(steering.show_import)
app.command("items", rich_help_panel=IMPORTS)(steering.items)
app.command("pause", rich_help_panel=IMPORTS)(steering.pause)
app.command("resume", rich_help_panel=IMPORTS)(steering.resume)
app.command("cancel", rich_help_panel=IMPORTS)(steering.cancel)
app.command("retry", rich_help_panel=IMPORTS)(steering.retry)
app.command("undo", rich_help_panel=IMPORTS)(steering.undo)
app.command("approve", rich_help_panel=IMPORTS)(steering.approve)
app.command("schedule", rich_help_panel=IMPORTS, epilog=scheduling.EXAMPLES)(scheduling.schedule)
app.command("hook", rich_help_panel=IMPORTS)(scheduling.hook)
app.add_typer(comparing.app, rich_help_panel=IMPORTS)
app.command("search", rich_help_panel=SEARCH)(search.search)
app.command("projects", rich_help_panel=SEARCH)(holdings.projects)
app.command("sources", rich_help_panel=SEARCH)(holdings.sources)
app.add_typer(holdings.delete_app, rich_help_panel=SEARCH)
app.command("export", rich_help_panel=SEARCH)(exporting.export)
app.add_typer(graph.app, rich_help_panel=SEARCH)
app.command("up", rich_help_panel=ENGINES)(stack.up)
app.command("down", rich_help_panel=ENGINES)(stack.down)
app.command("status", rich_help_panel=ENGINES)(stack.status)
app.command("doctor", rich_help_panel=ENGINES)(doctor.doctor)
app.command("backup", rich_help_panel=ENGINES)(backing_up.backup)
app.command("restore", rich_help_panel=ENGINES)(backing_up.restore)
app.add_typer(keys.app, rich_help_panel=ENGINES)
app.add_typer(providers.app, rich_help_panel=ENGINES)
app.add_typer(dev.app, rich_help_panel=ENGINES)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"longshore {version('longshore')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


def run(arguments: list[str]) -> int:
    """Runs one command line; every failure becomes a message and an exit code."""
    as_json = "--json" in arguments
    try:
        code: int | None = app(args=arguments, prog_name="longshore", standalone_mode=False)
        return code or Exit.SUCCEEDED
    except LongshoreError as error:
        print_error(error, as_json)
        return exit_code(error)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "longshore"
        print_error(BadInput("usage", error.format_message(), f"`{command} --help` shows how it is used."), as_json)
        return Exit.USAGE
    except KeyboardInterrupt:
        return Exit.DETACHED
    except Exception as error:  # the last resort: no traceback in a person's face, and none lost
        print_error(_unexpected(error), as_json)
        return Exit.FAILED


def _unexpected(error: Exception) -> LongshoreError:
    from longshore.cli.reaching import log_failure

    log = log_failure()
    where = f"What led to it is written in {log}" if log else "It could not be written to a log either."
    return LongshoreError(
        "unexpected", f"Something unexpected happened ({type(error).__name__}: {clean(error)}).", where
    )


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter still gets the rest
    sys.exit(run(sys.argv[1:]))
