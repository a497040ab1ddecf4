"""Asking what an import would do, before it is asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from api.imports.conditional import POLL_AFTER_S
from api.imports.schemas import PlanRequest
from api.imports.submit import prepare
from api.names import PlanPath, ProjectPath
from api.plans import Plan
from api.problems import Problem
from api.services import Door

router = APIRouter(prefix="/v1/projects/{project}/plans", tags=["imports"])


@router.post("", status_code=status.HTTP_202_ACCEPTED, operation_id="make_plan")
async def make_plan(door: Door, project: ProjectPath, request: PlanRequest, response: Response) -> Plan:
    """Find out what an import would do, cost and leave out, without doing it."""
    plan = await door.engine.plans.start(await prepare(door, project, request))
    response.headers["Location"] = f"/v1/projects/{project}/plans/{plan}"
    response.headers["Retry-After"] = POLL_AFTER_S
    return Plan(id=plan, state="running")


@router.get("/{plan}", operation_id="get_plan")
async def get_plan(
    door: Door,
    project: ProjectPath,
    plan: PlanPath,
    wait: Annotated[float, Query(ge=0, le=60, description="Seconds to wait for the plan to be ready.")] = 0,
) -> Plan:
    """A plan, once it is ready. It tells of the source and the graph as they were when it was made."""
    found = await door.engine.plans.find(project, plan, wait)
    if found is None:
        raise Problem(404, "plan_not_found", f"Project {project} has no plan {plan}.", "POST one to make it.")
    return found
