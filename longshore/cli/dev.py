"""`longshore dev fake-provider`: what developers and demonstrations need."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longshore.cli.output import BadInput, Exit
from longshore.errors import StackError

if TYPE_CHECKING:
    from longshore.dev.fake_provider import FakeProvider
    from longshore.dev.script import Script

app = typer.Typer(name="dev", help="For developers and demonstrations.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps the only command of this group from becoming the group itself."""


@app.command("fake-provider")
def fake_provider(
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 for any that is free.")] = 0,
    script: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON that says how it limits, fails and lies.")
    ] = None,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="Write each call to this file, a line each.")] = None,
) -> Exit:
    """Serve embeddings and chat completions of a provider that is none, until Ctrl-C.

    It speaks as OpenAI, Cohere and Voyage do. GET /fake/log shows its calls, PUT /fake/script changes what it does.
    """
    from longshore.dev.fake_provider import FakeProvider

    asyncio.run(_serve(FakeProvider(_read(script), port=port, log=log)))
    return Exit.SUCCEEDED


def _read(path: Path | None) -> Script:
    from pydantic import ValidationError

    from longshore.dev.script import Script

    if path is None:
        return Script()
    try:
        return Script.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadInput("bad_script", f"{path} cannot be read ({error.strerror}).", "Name a file of JSON.") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadInput("bad_script", f"{path}: {where}: {first['msg']}.", "docs/providers.md shows a script.") from None


async def _serve(fake: FakeProvider) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with fake:
            print(fake.url, flush=True)
            await stop.wait()
    except OSError as error:
        raise StackError("port_taken", f"The port cannot be used ({error.strerror}).", "Choose another.") from None
