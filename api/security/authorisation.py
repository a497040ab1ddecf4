"""What a caller may do: one table, applied to every route."""

from __future__ import annotations

from fastapi import Request

from api.problems import Problem
from api.security.origins import SAFE
from api.security.principals import Caller
from longshore.graph.api_keys import Scope

OPEN = frozenset({"/healthz", "/readyz", "/v1/session"})
"""What needs no key: whether it lives, and how to present one."""
HOOKS = "/v1/hooks/"
"""What is signed instead."""
GUARDED = ("/v1/", "/metrics")
"""Below these everything else needs one. The page, the schema and the problem types are the same for everybody."""

SCOPES: dict[str, Scope] = {
    "find_missing_blobs": "write",
    "match_source": "read",
    "delete_project": "admin",
    "delete_source": "write",
    "list_webhooks": "write",
    "show_hook": "write",
    "create_webhook": "admin",
    "delete_webhook": "admin",
    "show_metrics": "admin",
    "limit_provider": "admin",
    "reset_provider": "admin",
    "decode_history": "admin",
    "encode_history": "admin",
}
"""Operations that need another scope than their method says: reading needs `read`, everything else `write`."""


def needs_key(path: str) -> bool:
    return path.startswith(GUARDED) and path not in OPEN and not path.startswith(HOOKS)


def scope_of(operation: str, method: str) -> Scope:
    return SCOPES.get(operation, "read" if method in SAFE else "write")


async def authorise(request: Request) -> None:
    """Dependency of every route.

    Raises:
        Problem: 404 for a project that the key is not bound to, as if it did not exist; 403 for a scope that it lacks.
    """
    # Not request.url, which is built from what the caller says that the host is called.
    if not needs_key(request.scope["path"]):
        return
    caller: Caller = request.state.caller
    named = [request.path_params.get("project"), *request.query_params.getlist("project")]
    for project in named:
        if project is not None and not caller.sees(project):
            raise Problem(
                404,
                "project_not_found",
                f"There is no project {project}.",
                "A project begins with its first import, by a key that is bound to it or to none.",
            )
    route = request.scope["route"]
    scope = scope_of(getattr(route, "operation_id", None) or route.name, request.method)
    if not caller.may(scope):
        raise Problem(
            403,
            "insufficient_scope",
            f"This needs a key of scope {scope}; this one has {caller.scope}.",
            "Who runs the server makes one with `longshore keys create --scope`.",
        )
