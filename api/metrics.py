"""What Prometheus is told of the API."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

router = APIRouter(tags=["system"])

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_UNROUTED = "(none)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """A registry of its own for each application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "longshore_http_requests",
            "Answered requests.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.durations = Histogram(
            "longshore_http_request_duration_seconds",
            "Until the answer begins.",
            ["method", "route"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.watchers = Gauge("longshore_event_streams", "Event streams that are open.", registry=self.registry)
        self.submissions = Counter(
            "longshore_import_submissions", "Imports handed over, by answer.", ["status"], registry=self.registry
        )


class Measured:
    """ASGI middleware: counts and times every answer by the route that gave it, never by the address itself."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        watching = False

        async def measured(message: Message) -> None:
            nonlocal watching
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - began)
                if Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream"):
                    watching = True
                    self._metrics.watchers.inc()
            await send(message)

        try:
            await self._app(scope, receive, measured)
        finally:
            if watching:
                self._metrics.watchers.dec()

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", _UNROUTED)
        method = scope["method"] if scope["method"] in _METHODS else "(other)"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.durations.labels(method, route).observe(seconds)
        if getattr(scope.get("route"), "operation_id", None) == "submit_import":
            self._metrics.submissions.labels(str(status)).inc()


@router.get(
    "/metrics",
    operation_id="show_metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def show_metrics(request: Request) -> Response:
    """Metrics in the text format of Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
