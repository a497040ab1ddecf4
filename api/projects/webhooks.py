"""Webhooks: who wants to be told when an import of a project ends or needs its operator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import AfterValidator, AnyHttpUrl, BaseModel, Field

from api.graph.known import require_project
from api.names import ProjectPath
from api.problems import Problem
from api.services import Door
from longshore.graph import webhooks
from longshore.graph.webhooks import EVENTS, Event
from longshore.secret import installation_key

router = APIRouter(prefix="/v1/projects/{project}/webhooks", tags=["webhooks"])

_LONGEST_URL = 2000
_MOST = 20


def _plain(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.username or url.password:
        raise ValueError("an address is not the place for a password")
    if len(str(url)) > _LONGEST_URL:
        raise ValueError(f"an address may have {_LONGEST_URL} characters")
    return url


class WebhookRequest(BaseModel):
    url: Annotated[AnyHttpUrl, AfterValidator(_plain)]
    events: list[Event] = Field(default=list(EVENTS), min_length=1, max_length=len(EVENTS))


class Webhook(BaseModel):
    id: str
    url: str
    events: list[Event]


class NewWebhook(Webhook):
    secret: str
    """Checks the signatures of messages, as the Standard Webhooks specification says; it is shown only now."""


class WebhookList(BaseModel):
    webhooks: list[Webhook]


@router.get("", operation_id="list_webhooks")
async def list_webhooks(door: Door, project: ProjectPath) -> WebhookList:
    """The receivers of a project's events, the oldest first."""
    async with door.connection() as connection:
        await require_project(connection, project)
        found = await webhooks.list_webhooks(connection, project)
    return WebhookList(webhooks=[Webhook(id=known.id, url=known.url, events=list(known.events)) for known in found])


@router.post("", status_code=status.HTTP_201_CREATED, operation_id="create_webhook")
async def create_webhook(door: Door, project: ProjectPath, request: WebhookRequest) -> NewWebhook:
    """Have events sent to an address: signed, and again for three days until it answers with 2xx."""
    async with door.connection() as connection:
        await require_project(connection, project)
        if len(await webhooks.list_webhooks(connection, project)) >= _MOST:
            raise Problem(409, "too_many_webhooks", f"Project {project} has {_MOST} webhooks.", "Delete one first.")
        made = await webhooks.add_webhook(connection, project, str(request.url), request.events)
    secret = webhooks.signing_secret(installation_key(door.settings), project, made.id)
    return NewWebhook(id=made.id, url=made.url, events=list(made.events), secret=secret)


@router.delete("/{webhook}", status_code=status.HTTP_204_NO_CONTENT, operation_id="delete_webhook")
async def delete_webhook(
    door: Door, project: ProjectPath, webhook: Annotated[str, Path(pattern=r"^[0-9a-f]{1,64}$")]
) -> None:
    """Send it nothing more."""
    async with door.connection() as connection:
        gone = await webhooks.delete_webhook(connection, project, webhook)
    if not gone:
        raise Problem(
            404, "webhook_not_found", f"Project {project} has no webhook {webhook}.", "The list of webhooks names them."
        )
