"""`longshore compare`: one source through several pipelines, measured side by side, and the best one served."""

from __future__ import annotations

import asyncio
import hashlib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from longshore.cli import asking, ordering
from longshore.cli.asking import AsJson, Project
from longshore.cli.naming import command, runnable
from longshore.cli.ordering import Asked, Interruption, Order
from longshore.cli.output import BadInput, Exit, print_json, show
from longshore.cli.resources import TERMINAL, Json

if TYPE_CHECKING:
    from longshore.cli.client import Api
    from longshore.cli.watching import View

LOOK_EVERY_S = 1.0
_RUN = "run"

EXAMPLES = """\
[bold]Examples[/]

  longshore compare ~/Zotero-export --variants variants.toml
  longshore compare ~/papers --variants variants.toml --questions questions.jsonl --project trial
  longshore compare show c1a2b3c4d5            its variants, their steps, and the measures side by side
  longshore compare retry c1a2b3c4d5 short     do one variant again from the step that failed
  longshore compare promote c1a2b3c4d5 short   let the project serve it, without importing again
  longshore compare drop c1a2b3c4d5            forget the rest

[bold]variants.toml[/]

  \\[variants.usual]

  \\[variants.short]
  passage = 400        # characters; others: concepts, partners, embedder, extractor
"""


class _PathOrCommand(TyperGroup):
    """A group whose commands may be left out: what is not the name of one is the source to compare."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = [_RUN, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="compare",
    cls=_PathOrCommand,
    help="Import a source in several ways at once, measure each, and let the project serve the best.",
    epilog=EXAMPLES,
    rich_markup_mode="rich",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ComparisonId = Annotated[
    str, typer.Argument(metavar="ID", help="The comparison, as `longshore compare list` names it.")
]
VariantName = Annotated[str, typer.Argument(metavar="VARIANT", help="As the comparison calls it.")]


@app.command(_RUN, help="Compare (the word `run` may be left out).")
def run(
    path: ordering.Origin,
    variants: Annotated[Path, typer.Option("--variants", metavar="FILE", help="The variants, as TOML.")],
    project: Project = asking.DEFAULT_PROJECT,
    name: ordering.Name = None,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", metavar="FILE", help="Questions of your own: JSON Lines of question, document."),
    ] = None,
    each: Annotated[
        int, typer.Option("--each", metavar="N", help="Questions of each kind and language drawn from the documents.")
    ] = 100,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Which ones are drawn.")] = 1,
    step_deadline: Annotated[
        float, typer.Option("--step-deadline", metavar="HOURS", help="How long each step of a variant may take.")
    ] = 24,
    ref: ordering.Ref = None,
    include: ordering.Include = None,
    exclude: ordering.Exclude = None,
    credential: ordering.Credential = None,
    detach: Annotated[bool, typer.Option("--detach", help="Begin it and leave.")] = False,
    as_json: AsJson = False,
) -> Exit:
    body: Json = {
        "variants": read_variants(variants),
        "questions": {"each": each, "seed": seed},
        "step_deadline_s": step_deadline * 3600,
    }
    asked_for = _read(questions) if questions else None
    interruption = Interruption(as_json)
    asked = Asked(path, project, name, ref, include or [], exclude or [], credential)
    try:
        order, view = ordering.place(asked, interruption)
        return asyncio.run(_compare(order, body, asked_for, view, detach=detach, as_json=as_json))
    except KeyboardInterrupt:
        return Exit.DETACHED


@app.command("show")
def show_comparison(
    comparison: ComparisonId,
    project: Project = asking.DEFAULT_PROJECT,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Stay until it has ended.")] = False,
    as_json: AsJson = False,
) -> Exit:
    """Show a comparison: where each variant stands, and the measures side by side."""

    async def ask() -> Exit:
        async with asking.running_api() as api:
            path = _path(project, comparison)
            found = await (_followed(api, path, as_json) if follow else api.get(path))
            return _show(found, as_json)

    return asyncio.run(ask())


@app.command("list")
def list_comparisons(project: Project = asking.DEFAULT_PROJECT, as_json: AsJson = False) -> Exit:
    """List the comparisons of a project, the newest first."""

    async def ask() -> Json:
        async with asking.running_api() as api:
            return await api.get(_path(project))

    found = asyncio.run(ask())
    if as_json:
        print_json(found)
    else:
        from longshore.cli import comparisons

        show(comparisons.listed(found["comparisons"], project))
    return Exit.SUCCEEDED


@app.command("retry")
def retry_variant(
    comparison: ComparisonId,
    variant: VariantName,
    step: Annotated[
        str | None, typer.Option("--step", metavar="S", help="From import, retrieval, structure or cost on.")
    ] = None,
    project: Project = asking.DEFAULT_PROJECT,
    as_json: AsJson = False,
) -> Exit:
    """Do one variant again, from the step that failed or from another. The others are left as they are."""
    body = {"variant": variant, **({"step": step} if step else {})}
    return _steer("retry", project, comparison, body, f"Doing {variant} again.", as_json)


@app.command("promote")
def promote(
    comparison: ComparisonId, variant: VariantName, project: Project = asking.DEFAULT_PROJECT, as_json: AsJson = False
) -> Exit:
    """Let the project serve a variant from one moment to the next. Nothing is imported again."""
    said = f"{project} serves {variant} now, and what is imported later is handled as it was."
    return _steer("promote", project, comparison, {"variant": variant}, said, as_json)


@app.command("pause")
def pause(comparison: ComparisonId, project: Project = asking.DEFAULT_PROJECT, as_json: AsJson = False) -> Exit:
    """Begin no further step, and pause the imports that run."""
    return _steer("pause", project, comparison, None, "Pausing it.", as_json)


@app.command("resume")
def resume(comparison: ComparisonId, project: Project = asking.DEFAULT_PROJECT, as_json: AsJson = False) -> Exit:
    """Let a paused comparison go on."""
    return _steer("resume", project, comparison, None, "It goes on.", as_json)


@app.command("cancel")
def cancel(comparison: ComparisonId, project: Project = asking.DEFAULT_PROJECT, as_json: AsJson = False) -> Exit:
    """End what runs. Variants that are done stay."""
    return _steer("cancel", project, comparison, None, "Cancelling it; variants that are done stay.", as_json)


@app.command("drop")
def drop(comparison: ComparisonId, project: Project = asking.DEFAULT_PROJECT, as_json: AsJson = False) -> Exit:
    """Forget a comparison, and collect what only its variants used. What the project serves stays."""

    async def ask() -> None:
        async with asking.running_api() as api:
            await api.call("DELETE", _path(project, comparison))

    asyncio.run(ask())
    if as_json:
        print_json({"dropped": comparison})
    else:
        print(f"Dropped {comparison}.")
    return Exit.SUCCEEDED


def read_variants(path: Path) -> list[Json]:
    """The variants of a file, each with its name, in the order of the file.

    Raises:
        BadInput: `bad_variants`.
    """
    try:
        content = tomllib.loads(_read(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput("bad_variants", f"{path} is not TOML: {error}.", _way()) from error
    found = content.get("variants")
    others = sorted(content.keys() - {"variants"})
    if not isinstance(found, dict) or not found or not all(isinstance(entry, dict) for entry in found.values()):
        raise BadInput("bad_variants", f"{path} has no variants.", _way())
    if others:
        raise BadInput("bad_variants", f"{path} holds {', '.join(others)}, which nobody reads.", _way())
    return [{**settings, "name": name} for name, settings in found.items()]


def _way() -> str:
    return "Each variant is a table, such as [variants.short] with passage = 400."


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput("unreadable", f"{path} cannot be read: {error.strerror}.", "Name another file.") from error


async def _compare(
    order: Order, body: Json, questions: bytes | None, view: View, *, detach: bool, as_json: bool
) -> Exit:
    from longshore.cli.uploading import Blob, upload

    async with asking.running_api(patience=asking.LONG) as api:
        with view:
            await ordering.upload_missing(api, order, view)
            if questions is not None:
                given = Blob(hashlib.sha256(questions).hexdigest(), len(questions), questions)
                await upload(api, order.project, [given], lambda freight: None)
                body["questions"]["given"] = given.sha256
            started = await api.call("POST", _path(order.project), json={"source": order.source, **body})
        path = _path(order.project, started["id"])
        if not as_json:
            way = command(f"compare show {started['id']} --project {order.project} --follow")
            print(f"Comparing {len(started['variants'])} variants ({started['id']}).\n  Come back to it:  {way}")
        if detach:
            return _show(started, as_json) if as_json else Exit.SUCCEEDED
        return _show(await _followed(api, path, as_json), as_json)


async def _followed(api: Api, path: str, as_json: bool) -> Json:
    """The comparison once it has ended; till then a line for each step that begins or ends."""
    said: dict[tuple[str, str], str] = {}
    while True:
        found = await api.get(path)
        for variant in found["variants"]:
            for step in variant["steps"]:
                place = (variant["name"], step["name"])
                if step["state"] != said.get(place, "pending"):
                    said[place] = step["state"]
                    if not as_json:
                        print(f"  {variant['name']}: {step['name']} {step['state']}", flush=True)
        if found["state"] in TERMINAL:
            return found
        await asyncio.sleep(LOOK_EVERY_S)


def _show(found: Json, as_json: bool) -> Exit:
    if as_json:
        print_json(found)
    else:
        from longshore.cli import comparisons

        show(comparisons.shown(found))
    if found["state"] == "cancelled":
        return Exit.CANCELLED
    return Exit.FAILED if found["state"] == "failed" else Exit.SUCCEEDED


def _steer(what: str, project: str, comparison: str, body: Json | None, said: str, as_json: bool) -> Exit:
    async def ask() -> Json:
        async with asking.running_api(patience=asking.LONG) as api:
            return await api.call("POST", f"{_path(project, comparison)}:{what}", json=body, repeatable=False)

    found = asyncio.run(ask())
    if as_json:
        print_json(found)
        return Exit.SUCCEEDED
    done = what != "promote" or found["promoted"] == (body or {}).get("variant")
    print(said if done else runnable(f"It takes a while; `longshore compare show {comparison}` tells when it is done."))
    return Exit.SUCCEEDED


def _path(project: str, comparison: str | None = None) -> str:
    from longshore.cli.client import project_path

    base = f"{project_path(project)}/comparisons"
    return base if comparison is None else f"{base}/{comparison}"
