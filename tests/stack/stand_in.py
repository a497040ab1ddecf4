"""A supervisor whose engines are real and whose worker and API are stand-ins: `stand_in.py SERVICE…`.

The service `broken` is a worker that cannot start.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from longshore.settings import Settings
from longshore.stack.environment import environment
from longshore.stack.errors import Unmendable
from longshore.stack.ports import Ports, require
from longshore.stack.postgres import PostgresServer
from longshore.stack.service import Command, Service
from longshore.stack.supervisor import Supervisor
from longshore.stack.temporal import TemporalServer

WORKER = "import time; time.sleep(3600)"
BROKEN = "raise SystemExit('it lacks a spanner')"
API = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Answer).serve_forever()
"""


async def main() -> int:
    settings, wanted = Settings(), sys.argv[1:]

    async def services(ports: Ports) -> list[Service]:
        home, after = settings.home, tuple(name for name in ("postgres", "temporal") if name in wanted)
        port = require(settings.host, settings.port) if settings.port else ports.take("api")

        def program(name: str, source: str, url: str | None = None) -> Command:
            return Command(
                "api" if name == "api" else "worker",
                [sys.executable, "-c", source],
                home=home,
                environment=lambda: {**environment(settings), "PORT": str(port)},
                url=(lambda: url) if url else None,
                after=after,
            )

        made: dict[str, Service] = {
            "postgres": PostgresServer(home),
            "temporal": TemporalServer(home, ports),
            "worker": program("worker", WORKER),
            "broken": program("broken", BROKEN),
            "api": program("api", API, f"http://127.0.0.1:{port}"),
        }
        return [made[name] for name in wanted]

    supervisor = Supervisor(settings.home, services)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, supervisor.stop)
    try:
        await supervisor.run()
    except Unmendable:
        return 1
    return 0


if __name__ == "__main__":
    status = asyncio.run(main())
    os._exit(status)
