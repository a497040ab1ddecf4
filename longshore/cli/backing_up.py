"""`longshore backup` and `longshore restore`: all of a home in one file or folder, and back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from longshore.cli.asking import AsJson
from longshore.cli.naming import runnable
from longshore.cli.output import BadInput, Exit, clean, print_json
from longshore.cli.telling import Telling


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE.tar|FOLDER", help="What to write; it must not exist.")],
    as_json: AsJson = False,
) -> Exit:
    """Copy all that this home keeps into one file or folder, while imports go on.

    A name that ends in .tar makes a file, any other one a folder. It holds the keys and passwords that lie in the home:
    keep it where nobody else can read it. `longshore restore` makes a home of it.
    """
    from longshore.cli import reaching, wording
    from longshore.stack.backup.taking import left_out, take

    _refuse_elsewhere()
    settings, telling = reaching.settings(), Telling("Copying", silent=as_json)
    manifest = asyncio.run(take(settings, target.expanduser().absolute(), telling))
    telling.end()
    lacks = left_out(settings)
    if as_json:
        facts = manifest.model_dump(mode="json", exclude={"entries"})
        print_json({"backup": str(target), **facts, "left_out": lacks})
        return Exit.SUCCEEDED
    print(f"{clean(target)} holds the databases, the keys and {wording.counted(manifest.files, 'file')}.")
    if manifest.damaged:
        print(runnable(f"{len(manifest.damaged)} of the files are damaged: see `longshore doctor`."))
    if lacks:
        print(f"Not in it, for they lie elsewhere: what {', '.join(lacks)} give or name.")
    return Exit.SUCCEEDED


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE.tar|FOLDER", help="What `longshore backup` has written.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put aside what the home holds.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Make the home that LONGSHORE_HOME names what it was when a backup was taken. Nothing may run in it.

    Every byte is compared with its digest. Imports that were under way go on after `longshore up`.
    """
    from longshore.cli import reaching
    from longshore.stack.backup.restoring import restore as make_home

    _refuse_elsewhere()
    settings, telling = reaching.settings(), Telling("Restoring", silent=as_json)
    aside = asyncio.run(make_home(settings, source.expanduser().absolute(), telling, replace=replace))
    telling.end()
    if as_json:
        print_json({"home": str(settings.home), "put_aside": str(aside) if aside else None})
        return Exit.SUCCEEDED
    print(runnable(f"{settings.home} is restored. `longshore up` starts it, and imports go on."))
    if aside:
        print(f"What it held before lies in {aside}; delete that when nothing of it is needed.")
    return Exit.SUCCEEDED


def _refuse_elsewhere() -> None:
    from longshore.cli import reaching

    if url := reaching.given_url():
        raise BadInput(
            "api_elsewhere",
            f"{reaching.VARIABLE} names an API that runs elsewhere ({url}); homes are copied where they are.",
            "Unset it, and run the command on the machine of the home.",
        )
