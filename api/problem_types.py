"""What each type of problem means: the page that a problem's `type` leads to."""

from __future__ import annotations

from html import escape
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

router = APIRouter(prefix="/problems", tags=["system"])


class ProblemType(BaseModel):
    type: str
    code: str
    title: str
    description: str


class _Meaning(NamedTuple):
    title: str
    description: str


PROBLEM_TYPES: dict[str, _Meaning] = {
    "bad_repository_url": _Meaning("Not a repository's URL", "The URL is none that a repository can be fetched from."),
    "bad_request": _Meaning("Not understood", "The request is not HTTP that can be understood."),
    "blob_missing": _Meaning("Missing file", "A file was never uploaded, or is no longer kept. Upload it again."),
    "body_too_large": _Meaning(
        "Too large", "JSON may have one megabyte. An uploaded file may have what LONGSHORE_MAX_UPLOAD_BYTES says."
    ),
    "body_too_slow": _Meaning("Too slow", "The body stopped arriving, or came so slowly that it was given up."),
    "comparison_not_found": _Meaning("No such comparison", "The project has no comparison of this id."),
    "database_unavailable": _Meaning(
        "No database", "Postgres does not answer. Nothing is lost; imports go on when it is back."
    ),
    "database_unreachable": _Meaning("No database", "Postgres does not answer at the address that is set."),
    "digest_mismatch": _Meaning(
        "Another content", "The bytes do not have the SHA-256 that they were sent under, so they were not stored."
    ),
    "document_not_found": _Meaning("No such document", "The project has no document of this id."),
    "extractor_unknown": _Meaning("No such extractor", "The settings of the providers have no such language model."),
    "follow_up_waiting": _Meaning(
        "Something follows", "Another import of the source waits for this one, and would lose its place."
    ),
    "foreign_origin": _Meaning(
        "Foreign origin", "A page of another origin may change nothing here, unless LONGSHORE_CORS_ORIGINS lists it."
    ),
    "histories_not_encrypted": _Meaning(
        "Nothing to decode", "No key for histories is set, so what Temporal keeps can be read as it is."
    ),
    "history_damaged": _Meaning(
        "Cannot be decrypted", "A history was encrypted with another key of the same name, or was changed since."
    ),
    "history_key_missing": _Meaning(
        "Key missing", "A history was encrypted with a key that LONGSHORE_HISTORY_KEYS does not name here."
    ),
    "embedder_unknown": _Meaning("No such embedder", "The settings of the providers have no table of this name."),
    "hook_not_signed": _Meaning("Not signed", "The delivery does not carry a signature by the secret of the source."),
    "idempotency_key_reused": _Meaning(
        "Key used before", "The Idempotency-Key belongs to a request of other content. Use a new one for a new request."
    ),
    "import_not_found": _Meaning("No such import", "The project has no import of this id."),
    "import_running": _Meaning(
        "Import running", "The source is being imported, and the request asked not to be queued behind that."
    ),
    "insufficient_scope": _Meaning(
        "Not allowed", "The API key may do less than this needs: `write` includes `read`, and `admin` both."
    ),
    "internal_error": _Meaning(
        "Unforeseen", "Something went wrong that nobody foresaw. The API's log tells it under the request id."
    ),
    "invalid_key": _Meaning("No such key", "What was sent is not an API key of this server."),
    "invalid_name": _Meaning("No name", "A name needs at least one letter or digit."),
    "invalid_page_token": _Meaning("No such page", "The page token was not given by this API. Start without one."),
    "invalid_schedule": _Meaning("Not a schedule", "Temporal does not understand when the source is to be imported."),
    "invalid_request": _Meaning(
        "Not valid", "The request has not the form that the schema at /openapi.json demands; `errors` names the parts."
    ),
    "key_expired": _Meaning("Key expired", "The API key was valid until a time that has passed."),
    "key_required": _Meaning(
        "Key required",
        "This server can be reached from elsewhere than its own machine, so it answers only who sends an API key: "
        "`Authorization: Bearer KEY`. Who runs it makes one with `longshore keys create`.",
    ),
    "key_revoked": _Meaning("Key revoked", "The API key was revoked by who runs the server."),
    "manifest_incomplete": _Meaning("Files missing", "Some of the files that the manifest lists were not uploaded."),
    "manifest_invalid": _Meaning("Not a manifest", "The blob is not a list of files as the API takes it."),
    "manifest_missing": _Meaning("No list of files", "The blob that lists the files was not uploaded."),
    "method_not_allowed": _Meaning("Not possible here", "The address exists and does not do this; see `Allow`."),
    "no_disk_space": _Meaning("Disk full", "The server has no room for more. What is stored stays."),
    "node_not_found": _Meaning("No such node", "The graph has no node or document of this id."),
    "not_found": _Meaning("Nothing here", "There is nothing at this address."),
    "not_ready": _Meaning("Not ready", "A part that the API needs does not answer; `reasons` names it."),
    "nothing_to_retry": _Meaning("Nothing failed", "The import has nothing that could be tried again."),
    "nothing_to_undo": _Meaning("Nothing to undo", "The import has changed nothing that could be taken back."),
    "orchestrator_unavailable": _Meaning(
        "No engine", "Temporal does not answer. Imports go on when it is back; until then none can be started."
    ),
    "plan_not_found": _Meaning("No such plan", "The project has no plan of this id, or it is kept no longer."),
    "project_deleting": _Meaning("Being deleted", "The project is being deleted, and takes nothing more."),
    "project_not_found": _Meaning("No such project", "There is no such project, or the API key is not bound to it."),
    "provider_not_found": _Meaning("No such provider", "The settings of the providers have no table of this name."),
    "promotion_refused": _Meaning(
        "Not promoted",
        "The variant did not succeed, or the project serves what the variant lacks: another source, or a later import.",
    ),
    "rate_limited": _Meaning("Too many requests", "Try again after `Retry-After`; `RateLimit` shows what is left."),
    "source_kind_conflict": _Meaning("Name taken", "A source of another kind has this name in the project."),
    "schedule_not_found": _Meaning("No schedule", "The source is imported only when somebody asks for it."),
    "source_not_found": _Meaning("No such source", "The project has no source of this key."),
    "source_unread": _Meaning("Nothing to read", "What the source was last imported from is not known any more."),
    "state_conflict": _Meaning("Does not apply", "The import is in a state in which this has no meaning."),
    "too_many_exports": _Meaning(
        "Too many exports", "As many exports as may be are under way. Try again when one is done."
    ),
    "too_many_streams": _Meaning("Too many streams", "The caller holds as many event streams as it may."),
    "too_many_webhooks": _Meaning("Too many webhooks", "The project has as many webhooks as it may."),
    "variant_not_found": _Meaning("No such variant", "The comparison has no variant of this name."),
    "webhook_not_found": _Meaning("No such webhook", "The project has no webhook of this id."),
    "wrong_host": _Meaning(
        "Unknown name",
        "The request names a host that this server is not known as. Foreign pages could otherwise reach it through a "
        "name of their own (DNS rebinding). LONGSHORE_PUBLIC_URL tells the name under which it is published.",
    ),
}


@router.get(
    "/{code}",
    operation_id="explain_problem",
    response_model=ProblemType,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def explain_problem(
    request: Request, code: Annotated[str, Path(pattern=r"^[a-z_]{1,64}$")]
) -> ProblemType | HTMLResponse:
    """What a type of problem means, in JSON, or in HTML for a browser."""
    meaning = PROBLEM_TYPES.get(code)
    if meaning is None:
        raise HTTPException(404)
    if "text/html" not in request.headers.get("accept", ""):
        return ProblemType(type=f"/problems/{code}", code=code, title=meaning.title, description=meaning.description)
    title, description = escape(meaning.title), escape(meaning.description)
    return HTMLResponse(
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title} · Longshore</title>\n'
        f"<h1>{title}</h1>\n<p><code>{code}</code></p>\n<p>{description}</p>\n</html>\n"
    )
