"""`python -m api`: serve the API until SIGTERM."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from longshore import log
from longshore.settings import Settings

_GRACE_S = 5


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
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.services.hub.close()
        await super().shutdown(sockets)


def main() -> None:
    settings = Settings()
    log.configure(settings.log_level)
    server = Server(create_app(settings), settings)
    server.run()
    if not server.started:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
