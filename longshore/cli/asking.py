"""How commands that do not import reach the API, and find the import that they are asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from longshore.cli.output import BadInput

if TYPE_CHECKING:
    from longshore.cli.client import Api
    from longshore.cli.resources import Import

SHORT = 5.0
"""Seconds that a question waits for an API that is being restarted."""
LONG = 60.0
"""Seconds that an import does."""
DEFAULT_PROJECT = "library"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Project = Annotated[str, typer.Option("--project", "-p", metavar="P", help="The project, which holds one graph.")]


def running_api(patience: float | None = None) -> Api:
    """The API of what runs; starts nothing.

    Raises:
        StackError: nothing runs.
    """
    from longshore.cli.client import Api
    from longshore.cli.reaching import locate

    return Api(locate, SHORT if patience is None else patience)


def given(import_id: str) -> str:
    """Raises BadInput, `no_import_id`, for an id that is empty, as where a script's variable is."""
    if not import_id.strip():
        raise BadInput("no_import_id", "No import is named: its ID is empty.", "`longshore imports` lists them.")
    return import_id


async def find(api: Api, import_id: str, project: str | None) -> Import:
    """The import of that id: in the project, or in the only one that has it.

    Raises:
        BadInput: several projects have an import of that id.
        LongshoreError: none has.
    """
    if project is None:
        answer = await api.get("/v1/imports")
        projects = sorted({r["project"] for r in answer["imports"] if r["id"] == import_id})
        if len(projects) > 1:
            raise BadInput(
                "ambiguous_import",
                f"{import_id} is the id of an import in each of {', '.join(projects)}.",
                "Name the one that is meant with --project.",
            )
        project = projects[0] if projects else DEFAULT_PROJECT
    return await api.find_import(project, import_id)
