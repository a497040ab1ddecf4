"""The OpenAPI schema, with what FastAPI cannot be told: that errors are problems, and who may ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE
from api.security.authorisation import needs_key, scope_of

_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, made with `longshore keys create`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "longshore", "description": "The page's session."},
}
_EVENT = {
    "title": "ServerSentEvent",
    "type": "object",
    "properties": {
        "event": {"type": "string"},
        "id": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "retry": {"type": "integer"},
    },
}
"""Of which a stream has one after the other."""
_STREAM = "text/event-stream"
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}


def describing(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Makes the schema of the application, once."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(generate())
        return generate()

    return openapi


def _complete(schema: dict[str, Any]) -> None:
    schema["components"]["securitySchemes"] = _SCHEMES
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    answer["content"] = _PROBLEM
                elif _STREAM in answer.get("content", {}):
                    answer["content"][_STREAM] = {"schema": _EVENT}
            if needs_key(path):
                scope = scope_of(operation["operationId"], method.upper())
                # Where no key is required, none has to be sent.
                operation["security"] = [{"key": []}, {"session": []}, {}]
                operation["x-scope"] = scope
