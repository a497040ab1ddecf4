"""Which services make the stack of these settings."""

from __future__ import annotations

from longshore.settings import Settings
from longshore.stack.environment import environment
from longshore.stack.ports import Ports, require
from longshore.stack.postgres import PostgresServer
from longshore.stack.process import python
from longshore.stack.served import ServedPostgres, ServedTemporal
from longshore.stack.service import Command, Service
from longshore.stack.temporal import TemporalServer

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def engines(
    settings: Settings, ports: Ports
) -> tuple[PostgresServer | ServedPostgres, TemporalServer | ServedTemporal]:
    """Postgres and Temporal: the embedded ones, unless the settings name served ones."""
    postgres = ServedPostgres(settings.database_url) if settings.database_url else PostgresServer(settings.home)
    if settings.temporal_address is None:
        return postgres, TemporalServer(settings.home, ports, settings.temporal_namespace)
    return postgres, ServedTemporal(settings.temporal_address, settings.temporal_namespace, settings.temporal_ui)


def compose(settings: Settings, ports: Ports) -> list[Service]:
    """The engines, the worker and the API.

    Raises:
        Unmendable: `port_taken` or `port_unusable`, for the port that LONGSHORE_PORT names.
    """
    postgres, temporal = engines(settings, ports)
    port = require(settings.host, settings.port) if settings.port else ports.take("api", settings.host)
    host = EVERYWHERE.get(settings.host, settings.host)

    def found() -> dict[str, str]:
        return {
            **environment(settings),
            "LONGSHORE_DATABASE_URL": postgres.url,
            "LONGSHORE_PORT": str(port),
            "TEMPORAL_ADDRESS": temporal.address,
            "TEMPORAL_UI": temporal.ui,
        }

    def url() -> str:
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    worker = Command("worker", python("worker"), home=settings.home, environment=found)
    api = Command("api", python("api"), home=settings.home, environment=found, url=url)
    return [postgres, temporal, worker, api]
