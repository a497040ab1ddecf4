"""`longshore export`: take a project's graph away."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer

from longshore.cli import asking
from longshore.cli.asking import AsJson
from longshore.cli.output import BadInput, Exit, print_json

FormatName = Literal["graphml", "csl-json", "jsonl"]


def export(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="The project, which holds one graph.")],
    chosen: Annotated[
        FormatName,
        typer.Option(
            "--format",
            "-f",
            help="graphml: documents, nodes and edges, for Gephi, Cytoscape or networkx. "
            "csl-json: the bibliography. jsonl: everything, with passages and provenance.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it, instead of stdout.")
    ] = None,
    as_json: AsJson = False,
) -> Exit:
    """Take a project's graph away as a file.

    It is the graph of one moment, also while an import is running.
    """
    if output is None:
        try:
            asyncio.run(_download(project, chosen, sys.stdout.buffer))
        except BrokenPipeError:
            # Who reads has seen enough, such as `head`. What is still held must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.SUCCEEDED
    with _whole_or_not_at_all(output) as file:
        size = asyncio.run(_download(project, chosen, file))
    if as_json:
        print_json({"project": project, "format": chosen, "file": str(output), "bytes": size})
    else:
        print(f"{output}: {size:,} bytes")
    return Exit.SUCCEEDED


async def _download(project: str, chosen: FormatName, file: BinaryIO) -> int:
    """The number of bytes written."""
    from longshore.cli.client import project_path

    size = 0
    async with (
        asking.running_api() as api,
        aclosing(api.download(f"{project_path(project)}/graph/export", format=chosen)) as pieces,
    ):
        async for piece in pieces:
            size += file.write(piece)
    file.flush()
    return size


@contextmanager
def _whole_or_not_at_all(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place when it is complete; what was there before stays until then."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise BadInput(
            "cannot_write", f"{path} cannot be written: {error.strerror or error}.", "Choose another --output."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
