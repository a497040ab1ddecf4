"""`python -m api`: serve the API until SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

import structlog
import uvicorn
from fastapi import FastAPI

from api.app import create_app, database_of
from longshore.errors import LongshoreError
from longshore.graph.db import migrate
from longshore.log import configure
from longshore.settings import Settings
from longshore.stack.losses import note_losses

_GRACE_S = 5
_DEAF_MS = 60_000
"""How long a connection may take nothing of what it is sent before the kernel ends it."""


class Server(uvicorn.Server):
    """Ends the event streams when it stops; they would hold it until the grace is over."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port or 0,
                log_config=None,
                access_log=False,
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=settings.trusted_proxies,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            for listening in (listener for server in self.servers for listener in server.sockets):
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAF_MS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.services.end_streams()
        await super().shutdown(sockets)


async def _prepare(settings: Settings) -> None:
    await migrate(database_of(settings))
    await note_losses(settings)


def main() -> int:
    settings = Settings()
    configure(settings.log_level)
    for number in (signal.SIGTERM, signal.SIGINT):
        # Uvicorn raises the signal again once it has stopped: that is no failure.
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        asyncio.run(_prepare(settings))
        Server(create_app(settings), settings).run()
    except LongshoreError as error:
        structlog.get_logger().error("cannot start", code=error.code, reason=str(error), hint=error.hint)
        return 1
    except SystemExit as end:
        return 1 if end.code else 0
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # The SDK's runtime can abort the interpreter while it exits on Python 3.11 and 3.12 (sdk-python issue 300).
    os._exit(code)
