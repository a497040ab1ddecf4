"""The embedders of an installation by their names: the offline one, models in folders, and providers."""

from __future__ import annotations

from collections.abc import Mapping

from longshore.embedding.base import AsyncEmbedder, Embedder
from longshore.embedding.folder import FolderEmbedder
from longshore.embedding.remote import RemoteEmbedder
from longshore.errors import LongshoreError
from longshore.providers.settings import Providers

OFFLINE = "offline"
"""The name of the embedder that needs no settings."""


def require_embedder(providers: Providers, name: str) -> None:
    """Raises:
    LongshoreError: `embedder_unknown`.
    """
    known = (OFFLINE, *sorted(providers.local.keys() | providers.embedding.keys()))
    if name not in known:
        raise LongshoreError(
            "embedder_unknown",
            f"There is no embedder {name} in the settings of the providers.",
            f"There are {', '.join(known)}. Others get a table in providers.toml; workers and API read it when they "
            "start.",
        )


class Embedders:
    """Finds embedders by name. Those of folders are read when they are first asked for.

    Belongs to the event loop in which it is used.
    """

    def __init__(self, offline: Embedder, providers: Providers | None = None) -> None:
        self.providers = providers or Providers()
        self._here: dict[str, Embedder] = {OFFLINE: offline}
        self._remote = {name: RemoteEmbedder(provider) for name, provider in self.providers.embedding.items()}

    async def close(self) -> None:
        for remote in self._remote.values():
            await remote.close()

    def find(self, name: str | None) -> Embedder | AsyncEmbedder:
        """The embedder of this name; None is the offline one.

        Raises:
            LongshoreError: `embedder_unknown`, or `bad_model` when a folder holds no model.
        """
        return self._remote.get(name or OFFLINE) or self.here(name)

    def here(self, name: str | None) -> Embedder:
        """The same, of those that work on this machine."""
        name = name or OFFLINE
        if name not in self._here:
            require_embedder(self.providers, name)
            self._here[name] = FolderEmbedder(self.providers.local[name])
        return self._here[name]

    @property
    def remote(self) -> Mapping[str, RemoteEmbedder]:
        return self._remote
