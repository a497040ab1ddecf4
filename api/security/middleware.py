"""What stands before the operations, outermost first."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware import Middleware

from api.metrics import Measured, Metrics
from api.problems import RequestIds
from api.security.addresses import Addresses
from api.security.admission import Admission
from api.security.authentication import Authentication
from api.security.bodies import Bodies
from api.security.cors import Cors
from api.security.headers import SecurityHeaders
from api.security.origins import OriginGuard
from api.security.sessions import Sessions
from api.security.streams import Streams
from longshore.secret import installation_key
from longshore.settings import Settings


def secure(app: FastAPI, settings: Settings) -> None:
    """Put the guards before an application that has no middleware yet."""
    addresses = Addresses(settings)
    https = settings.public_url is not None and settings.public_url.scheme == "https"
    app.state.sessions = Sessions(lambda: installation_key(settings), secure=https)
    app.state.authentication = Authentication(settings, app.state.sessions)
    app.state.metrics = Metrics()
    app.user_middleware = [
        Middleware(Cors, origins=settings.allowed_origins, engine_pages=addresses.engine_pages),
        Middleware(Measured, metrics=app.state.metrics),
        Middleware(SecurityHeaders),
        Middleware(RequestIds),
        Middleware(OriginGuard, addresses=addresses),
        Middleware(Admission, authentication=app.state.authentication),
        Middleware(Bodies, upload_bytes=settings.max_upload_bytes),
        Middleware(Streams),
    ]
