"""The providers of this installation: whether they can be asked, and how often they may be."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.problems import Problem
from api.reaching import EngineUnavailable
from api.services import Door, Services
from longshore.graph import usage
from longshore.ids import source_of
from longshore.providers import gates
from longshore.providers.gates import Gate
from longshore.providers.settings import Limits, Provider
from workflows.contracts import Progress, provider_queue

router = APIRouter(tags=["system"])

ProviderPath = Annotated[
    str, Path(pattern=r"^(embedding|extraction)\.[a-z0-9-]{1,63}$", description="The head of its table.")
]


class GateStatus(BaseModel):
    """A provider that is left alone for a while."""

    provider: str
    state: Literal["closed", "knocking", "operator"]
    """`knocking`: one call is finding out whether it is back. `operator`: somebody has to see to it."""
    code: str
    message: str
    resume_at: datetime
    """When it is asked again."""
    failures: int
    """In a row."""
    broken: bool
    """So many that its own word for when it is back is not taken any more."""


class ProviderUse(BaseModel):
    tokens_last_minute: int
    tokens_today: int
    """Since midnight UTC."""
    cost_today: float


class ProviderStatus(BaseModel):
    id: str
    kind: str
    model: str
    limits: Limits
    """As the settings have them."""
    rps: float | None
    """Requests per second that are let through now; null: as many as come."""
    workers: int
    use: ProviderUse
    gate: GateStatus | None
    """Null while it is open."""
    fallback: str | None
    """The provider that is asked while this one is away for long."""


class ProviderList(BaseModel):
    providers: list[ProviderStatus]


class LimitRequest(BaseModel):
    rps: float | None = Field(gt=0, le=10_000)
    """Requests per second of all workers together; null: what the settings say."""


def closed_gate(gate: Gate) -> GateStatus | None:
    """What is shown of a gate, if it is not open."""
    if gate.state == "open" or gate.until is None:
        return None
    return GateStatus(
        provider=gate.provider,
        state=gate.state,
        code=gate.code or "provider_unavailable",
        message=gate.message,
        resume_at=gate.until,
        failures=gate.failures,
        broken=gate.broken,
    )


@router.get("/v1/providers", operation_id="list_providers")
async def list_providers(door: Door) -> ProviderList:
    """What stands in the settings of the providers, with their limits, their use and their gates."""
    return ProviderList(providers=list(await asyncio.gather(*(_status(door, one) for one in _all(door)))))


@router.put("/v1/providers/{provider}/limit", operation_id="limit_provider")
async def limit_provider(door: Door, provider: ProviderPath, limit: LimitRequest) -> ProviderStatus:
    """Let through so many requests from now on, of all workers together. It stays so until it is changed again."""
    found = _known(door, provider)
    await door.engine.rates.limit(provider_queue(provider), limit.rps)
    return await _status(door, found)


@router.post("/v1/providers/{provider}:reset", operation_id="reset_provider")
async def reset_provider(door: Door, provider: ProviderPath) -> ProviderStatus:
    """Ask the provider again at once, because it is back or was seen to; imports that wait for it go on."""
    found = _known(door, provider)
    async with door.connection() as connection:
        await gates.reset(connection, provider)
    async for run in door.engine.running(None):
        if run.snapshot and provider in _not_asked(run.snapshot):
            await door.engine.signal(run.project, source_of(run.import_id), "resume", run.import_id)
    return await _status(door, found)


def _not_asked(import_: Progress) -> set[str | None]:
    """The providers that an import waits for, or does without."""
    waited_for = {import_.reason.provider} if import_.reason else set()
    return waited_for | {name for one in import_.fallbacks if one.active for name in (one.instead_of, one.provider)}


def _all(door: Services) -> list[Provider]:
    providers = door.providers
    return [*providers.embedding.values(), *providers.extraction.values()]


def _known(door: Services, provider: str) -> Provider:
    for one in _all(door):
        if one.id == provider:
            return one
    raise Problem(
        404,
        "provider_not_found",
        f"There is no provider {provider} in the settings of the providers.",
        "`longshore providers list` shows them; the file is read when the API starts.",
    )


async def _status(door: Services, provider: Provider) -> ProviderStatus:
    async with door.connection() as connection:
        found = await gates.list_gates(connection, [provider.id])
        used = await usage.used(connection, provider.id)
    try:
        rate = await door.engine.rates.current(provider_queue(provider.id))
    except EngineUnavailable:
        rate = None
    return ProviderStatus(
        id=provider.id,
        kind=provider.kind,
        model=provider.model,
        limits=provider.limits,
        rps=rate.rps if rate and rate.rps is not None else provider.limits.rps,
        workers=rate.pollers if rate else 0,
        use=ProviderUse(
            tokens_last_minute=used.tokens_last_minute,
            tokens_today=used.tokens_today,
            cost_today=float(used.cost_today),
        ),
        gate=closed_gate(found[0]) if found else None,
        fallback=f"{provider.role}.{provider.fallback}" if provider.fallback else None,
    )
