"""`longshore import`: brings a library in, from the files on the disk to the closing report."""

from __future__ import annotations

import asyncio
import sys
import uuid
from typing import TYPE_CHECKING, Annotated, cast

import typer

from longshore.cli import asking, ordering, wording
from longshore.cli.asking import AsJson, Project
from longshore.cli.library import Choice
from longshore.cli.naming import runnable
from longshore.cli.ordering import Asked, Interruption, Order
from longshore.cli.output import Exit
from longshore.cli.resources import Json

if TYPE_CHECKING:
    from longshore.cli.client import Api
    from longshore.cli.resources import Import
    from longshore.cli.watching import View

EXAMPLES = """\
[bold]Examples[/]

  longshore import ~/Zotero-export                   a folder with an .rdf file and its files/
  longshore import ~/papers                          a folder of PDFs, Office files, notes: each a document
  longshore import thesis.bib                        a bibliography (BibTeX, RIS, CSL-JSON) with the files it names
  longshore import library.zip --project thesis      the same, zipped, into a graph of its own
  longshore import https://example.org/o/project     a git repository, at the head of its default branch
  longshore import https://example.org/o/project --ref v2 --include docs/
  longshore import https://www.zotero.org/groups/456 a library of zotero.org, without exporting it
  longshore import zotero://groups/456 --collection Thesis --tag read --type journalArticle
  longshore import ~/papers --ask                    wait for a yes once it is known what there is to do
  longshore import ~/papers --re-parse               after an upgrade, read with the new parser what has not changed
  longshore import ~/Zotero-export --detach          hand it over and leave
  longshore import ~/Zotero-export --json | jq       a JSON object on each line
"""


def import_(
    path: ordering.Origin,
    project: Project = asking.DEFAULT_PROJECT,
    name: ordering.Name = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Wait for `longshore approve` once it is known what there is to do.")
    ] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Do not ask when many items have gone from the library.")
    ] = False,
    re_parse: Annotated[
        bool, typer.Option("--re-parse", help="Read also what has not changed, if another version has read it.")
    ] = False,
    re_extract: Annotated[
        bool, typer.Option("--re-extract", help="Search for concepts again, where another version has.")
    ] = False,
    re_embed: Annotated[
        bool, typer.Option("--re-embed", help="Give all of the project vectors of the embedder that is used now.")
    ] = False,
    ref: ordering.Ref = None,
    include: ordering.Include = None,
    exclude: ordering.Exclude = None,
    credential: ordering.Credential = None,
    collection: ordering.Collections = None,
    tag: ordering.Tags = None,
    type_: ordering.Types = None,
    embedder: Annotated[
        str | None,
        typer.Option(metavar="N", help="What the project embeds with from now on: `offline`, or a provider's name."),
    ] = None,
    extractor: Annotated[
        str | None,
        typer.Option(metavar="N", help="What reads it for facts from now on: `offline`, or a language model's name."),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(metavar="C", min=0, help="Wait before providers would have to be paid more than this."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 where single items or files failed.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Hand the library over and leave.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Import a Zotero library, a bibliography, a batch of files or a git repository into a searchable graph.

    Starts what is not running, uploads what is not there yet, and follows the import to its end.
    Ctrl-C detaches: the import goes on. The same library imported again costs only what changed.
    """
    interruption = Interruption(as_json)
    choice = Choice(collection or [], tag or [], type_ or [])
    asked = Asked(path, project, name, ref, include or [], exclude or [], credential, choice)
    try:
        order, view = ordering.place(asked, interruption)
    except KeyboardInterrupt:
        interruption.tell()
        return Exit.DETACHED
    chosen = {"parse": re_parse, "extract": re_extract, "embed": re_embed}
    redo = [step for step, wanted in chosen.items() if wanted]
    options = {"allow_removals": allow_removals, "ask": ask, "redo": redo}
    paid = {"embedder": embedder, "extractor": extractor, "max_cost": max_cost}
    options |= {name: given for name, given in paid.items() if given is not None}
    return asyncio.run(_import(order, options, view, strict=strict, detach=detach, as_json=as_json))


async def _import(order: Order, options: Json, view: View, *, strict: bool, detach: bool, as_json: bool) -> Exit:
    from longshore.cli import watching

    async with asking.running_api(patience=asking.LONG) as api:
        submitting = asyncio.Event()
        try:
            with view:
                submission, resource = await _hand_over(api, order, options, view, submitting)
        except asyncio.CancelledError:
            if submitting.is_set() and not as_json:
                print(
                    runnable("Stopped while handing over; `longshore imports` tells if it has begun."), file=sys.stderr
                )
            else:
                Interruption(as_json).tell()
            return Exit.DETACHED
        if detach:
            if not as_json:
                _say_handed_over(submission, resource)
            return Exit.SUCCEEDED
        return await watching.watch(api, resource, view, strict=strict, as_json=as_json)


async def _hand_over(
    api: Api, order: Order, options: Json, view: View, submitting: asyncio.Event
) -> tuple[str, Import]:
    """Uploads what is missing and submits the import; gives what became of the submission, and the import.

    Args:
        submitting: Is set when the import may have begun.
    """
    from longshore.cli.client import project_path

    await ordering.upload_missing(api, order, view)
    body = {"source": order.source, "options": options, "on_conflict": "queue"}
    # With the key, a submission whose answer was lost is not made twice.
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    submitting.set()
    answer = await api.call("POST", f"{project_path(order.project)}/imports", json=body, headers=headers)
    resource = cast("Import", answer["import"])
    view.submitted(answer["submission"], resource)
    if answer["submission"] == "attached":
        view.say("This very source is being imported already; following that import.")
    if answer["submission"] == "queued":
        view.say("An earlier state of this source is still being imported; this one follows it.")
    return answer["submission"], resource


def _say_handed_over(submission: str, resource: Import) -> None:
    print(f"{submission.capitalize()}: {resource['id']} in {resource['project']}.")
    print(f"  Follow it:  {wording.way_back(resource)}")
