"""Which services make the stack of these settings."""

from __future__ import annotations

from longshore.histories.keyring import Keyring
from longshore.settings import Settings
from longshore.stack.environment import environment
from longshore.stack.ports import Ports, require
from longshore.stack.postgres import PostgresServer
from longshore.stack.process import python
from longshore.stack.served import ServedPostgres, ServedTemporal
from longshore.stack.service import Command, Service
from longshore.stack.temporal import TemporalServer

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


CODEC_PATH = "/v1/system/codec"


def engines(
    settings: Settings, ports: Ports, codec_url: str | None = None
) -> tuple[PostgresServer | ServedPostgres, TemporalServer | ServedTemporal]:
    """Postgres and Temporal: the embedded ones, unless the settings name served ones."""
    postgres = ServedPostgres(settings.database_url) if settings.database_url else PostgresServer(settings.home)
    if settings.temporal_address is None:
        return postgres, TemporalServer(settings.home, ports, settings.temporal_namespace, codec_url)
    return postgres, ServedTemporal(settings.temporal_address, settings.temporal_namespace, settings.temporal_ui)


def compose(settings: Settings, ports: Ports) -> list[Service]:
    """The engines, the worker and the API.

    Raises:
        Unmendable: `port_taken` or `port_unusable`, for the port that LONGSHORE_PORT names.
        StackError: `history_key_invalid`.
    """
    port = require(settings.host, settings.port) if settings.port else ports.take("api", settings.host)
    host = EVERYWHERE.get(settings.host, settings.host)
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    encrypted = bool(Keyring.of(settings))
    postgres, temporal = engines(settings, ports, f"{url}{CODEC_PATH}" if encrypted else None)

    def found() -> dict[str, str]:
        return {
            **environment(settings),
            "LONGSHORE_DATABASE_URL": postgres.url,
            "LONGSHORE_PORT": str(port),
            "TEMPORAL_ADDRESS": temporal.address,
            "TEMPORAL_UI": temporal.ui,
        }

    worker = Command("worker", python("worker"), home=settings.home, environment=found)
    api = Command("api", python("api"), home=settings.home, environment=found, url=lambda: url)
    return [postgres, temporal, worker, api]
