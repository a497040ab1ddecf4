"""Pushes: a git host tells that a branch has moved, and the repository is imported again."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.imports.naming import submission_part
from api.imports.submit import Handover, hand_over
from api.names import ProjectPath, SourcePath
from api.problems import Problem
from api.projects.sources import require_source
from api.services import Door, Services
from longshore.graph import records
from longshore.ids import import_id
from longshore.secret import installation_key
from workflows.contracts import Submission
from workflows.submitting import digest_of

router = APIRouter(tags=["sources"])

_DELIVERY = ("x-github-delivery", "x-gitea-delivery", "x-forgejo-delivery", "x-gitlab-event-uuid")
_SIGNATURES = ("x-hub-signature-256", "x-gitea-signature", "x-forgejo-signature")
"""HMAC-SHA256 of the body in hex, GitHub's with `sha256=` before it."""
_TOKEN = "x-gitlab-token"


class Hook(BaseModel):
    path: str
    """Of this API, to be entered at the git host with JSON as the type of content."""
    secret: str


class HookAnswer(BaseModel):
    outcome: Literal["started", "queued", "attached", "ignored"]
    """`ignored`: it was no push, or one to another branch."""
    import_id: str | None = None


@dataclass(frozen=True)
class _Push:
    ref: str
    after: str
    default_branch: str | None

    def moves(self, asked_for: str | None) -> bool:
        """Whether it moves the branch, or makes the tag, that the source is read at."""
        name = self.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
        if set(self.after) == {"0"}:
            return False
        return name == (asked_for or self.default_branch or name) or self.ref == asked_for


@router.get("/v1/projects/{project}/sources/{source}/hook", operation_id="show_hook")
async def show_hook(door: Door, project: ProjectPath, source: SourcePath) -> Hook:
    """Where a git host tells of pushes, and the secret that it signs them with (GitLab: sends as its token)."""
    await require_source(door, project, source)
    return Hook(path=f"/v1/hooks/{project}/{source}", secret=_secret(door, project, source))


@router.post("/v1/hooks/{project}/{source}", operation_id="receive_hook", responses={401: {}})
async def receive_hook(door: Door, project: ProjectPath, source: SourcePath, request: Request) -> HookAnswer:
    """A push, as GitHub, GitLab, Gitea and Forgejo tell of it. A delivery that is repeated has the same import."""
    body = await request.body()
    if not _is_signed(request.headers, body, _secret(door, project, source)):
        raise Problem(
            401,
            "hook_not_signed",
            "The delivery is not signed with the secret of this source.",
            "Enter the secret that the source's `hook` shows at the git host.",
        )
    push = _push(body)
    last = await _last(door, project, source)
    if push is None or last.repository is None or not push.moves(last.repository.ref):
        return HookAnswer(outcome="ignored")
    delivery = next((request.headers[name] for name in _DELIVERY if name in request.headers), None)
    key = f"push:{delivery or hashlib.sha256(body).hexdigest()}"[:255]
    submitted = await hand_over(door, Handover(_again(last, key, push.after)))
    return HookAnswer(outcome=submitted.submission, import_id=submitted.import_.id)


def _again(last: Submission, key: str, after: str) -> Submission:
    """The commit is part of what makes it equal: a push while an older one is read is read after it."""
    options = last.options.for_another()
    return last.model_copy(
        update={
            "import_id": import_id(last.source_key, submission_part(last.project, last.source_key, key)),
            "digest": digest_of(last.manifest, options, last.repository, pushed=after),
            "options": options,
            "idempotency_key": key,
            "submitted_at": datetime.now(UTC),
        }
    )


async def _last(door: Services, project: str, source: str) -> Submission:
    async with door.connection() as connection:
        last = await records.last_submission(connection, project, source)
    if last is None:
        raise Problem(
            404, "source_not_found", f"Project {project} has no source {source}.", "`longshore sources` lists them."
        )
    return Submission.model_validate(last)


def _secret(door: Services, project: str, source: str) -> str:
    """Derived, and never stored."""
    return hmac.digest(installation_key(door.settings), f"hook/{project}/{source}".encode(), hashlib.sha256).hex()


def _is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    expected = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    signatures = [headers[name].removeprefix("sha256=") for name in _SIGNATURES if name in headers]
    if any(hmac.compare_digest(signature.encode(), expected.encode()) for signature in signatures):
        return True
    return hmac.compare_digest(headers.get(_TOKEN, "").encode(), secret.encode())


def _push(body: bytes) -> _Push | None:
    """What a push says; None if it is another event, such as the first ping."""
    try:
        told: Any = json.loads(body)
        ref, after = told["ref"], told["after"]
        described = told.get("repository") or {}
        branch = described.get("default_branch") or (told.get("project") or {}).get("default_branch")
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(ref, str) or not isinstance(after, str):
        return None
    return _Push(ref, after, branch if isinstance(branch, str) else None)
