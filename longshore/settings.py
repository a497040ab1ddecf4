"""Settings, read from the environment. Everything has a default that works on one machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, HttpUrl, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from longshore.providers.secrets import is_reference


class Settings(BaseSettings):
    """`LONGSHORE_*` and `TEMPORAL_*` of the environment."""

    model_config = SettingsConfigDict(env_prefix="LONGSHORE_", populate_by_name=True, env_ignore_empty=True)

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("longshore")))
    """The one folder that keeps all state."""
    database_url: str | None = None
    """A Postgres with pgvector to use instead of the embedded one."""
    temporal_address: str | None = Field(
        default=None, validation_alias=AliasChoices("TEMPORAL_ADDRESS", "temporal_address")
    )
    """host:port of a Temporal service to use instead of the embedded one."""
    temporal_namespace: str = Field(
        default="default", validation_alias=AliasChoices("TEMPORAL_NAMESPACE", "temporal_namespace")
    )
    temporal_ui: str | None = Field(default=None, validation_alias=AliasChoices("TEMPORAL_UI", "temporal_ui"))
    """Base URL of the Temporal Web UI, for links."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Port of the API; a free one if unset."""
    host: str = "127.0.0.1"
    """Address that the API binds to."""
    blobs: str | None = None
    """Where content-addressed files are kept: a folder or an s3://, gs:// or az:// URL. Default: `<home>/blobs`."""
    providers: Path | None = None
    """A TOML file with the providers of embeddings and extraction. Default: `<home>/providers.toml`."""
    embedder: str = Field(default="offline", pattern="^[a-z0-9-]{1,63}$")
    """What projects embed with that were not told otherwise: `offline`, or the name of a table of the providers."""
    extractor: str = Field(default="offline", pattern="^[a-z0-9-]{1,63}$")
    """What projects have asked of passages that were not told otherwise: `offline`, or the name of a table of the
    providers."""
    lanes: int = Field(default=4, ge=1, le=64)
    """Concurrent walks through the batches of one import."""
    parse_processes: int = Field(default=2, ge=1, le=16)
    worker_version: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,60}$")
    """Switches Temporal's Worker Deployment Versioning on, and is this worker's version in it."""
    secret_key: SecretStr | None = None
    """What signatures are derived from; if unset, a random key in the home. API and workers must share it."""
    history_keys: str = ""
    """Keys that the histories in Temporal are encrypted with, by commas, as `id=env:NAME` or `id=file:/PATH`. The first
    one writes, all of them read. API and workers must share them."""
    public_url: HttpUrl | None = None
    """Where the API is published, for instance by a proxy; keys are then required."""
    trusted_proxies: str = ""
    """Addresses and networks, by commas, whose X-Forwarded-* headers are believed; keys are then required."""
    require_keys: bool = False
    """Require API keys on loopback too, as for a machine that others use."""
    cors_origins: str = ""
    """Origins, by commas, whose pages may use the API."""
    git_hosts: str = ""
    """Hosts of the operator's own, by commas, as host or host:port, that repositories may be fetched from though they
    lie at private addresses or speak plain HTTP."""
    git_paths: str = ""
    """Folders of the workers' machine, by commas, that repositories may be read from."""
    git_credentials: Path | None = None
    """A TOML file with what private repositories ask for. Default: `<home>/credentials.toml`."""
    zotero_api: HttpUrl = HttpUrl("https://api.zotero.org")
    """Of the server that libraries of Zotero are fetched from."""
    max_upload_bytes: int = Field(default=8_000_000_000, ge=1)
    """Of one uploaded file."""
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """Port of loopback at which a worker shows its metrics to Prometheus."""
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"

    @field_validator("home")
    @classmethod
    def _is_absolute(cls, home: Path) -> Path:
        """A relative one would be another database in each working directory."""
        try:
            home = home.expanduser()
        except RuntimeError:
            raise ValueError("is in the home of a user that this machine does not have") from None
        if not home.is_absolute():
            raise ValueError(f"is a relative path; give the whole one, such as {home.absolute()}")
        return home

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_lower_case(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("temporal_address")
    @classmethod
    def _is_address(cls, address: str | None) -> str | None:
        port = re.fullmatch(r"(?:[^\s:/@]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})", address) if address else None
        if address and not (port and 1 <= int(port[1]) <= 65_535):
            raise ValueError("is not host:port, such as 127.0.0.1:7233")
        return address

    @field_validator("history_keys")
    @classmethod
    def _are_history_keys(cls, text: str) -> str:
        # The text is not repeated: whoever mistakes the place of a key for the key has written the key here.
        listed = [part.partition("=") for part in _listed(text)]
        for key_id, _, place in listed:
            if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", key_id) or not is_reference(place):
                raise ValueError("must be ID=env:NAME or ID=file:/PATH, which say where each key is")
        if len({key_id for key_id, _, _ in listed}) < len(listed):
            raise ValueError("gives two keys the same id")
        return text

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        for origin in _listed(text):
            if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?", origin):
                raise ValueError(f"names {origin!r}, which is not an origin such as https://example.org")
        return text

    @property
    def history_key_places(self) -> dict[str, str]:
        """References to the keys by their ids, the one that writes first."""
        listed = [part.partition("=") for part in _listed(self.history_keys)]
        return {key_id: place for key_id, _, place in listed}

    @property
    def allowed_origins(self) -> list[str]:
        return _listed(self.cors_origins)

    @property
    def git_credentials_file(self) -> Path:
        return self.git_credentials or self.home / "credentials.toml"

    @property
    def allowed_git_paths(self) -> list[str]:
        return _listed(self.git_paths)

    @property
    def own_git_hosts(self) -> list[str]:
        return [host.lower() for host in _listed(self.git_hosts)]

    @property
    def providers_file(self) -> Path:
        return self.providers or self.home / "providers.toml"

    @property
    def blob_url(self) -> str:
        return self.blobs or str(self.home / "blobs")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
