"""The extractors of facts of an installation by their names: none, and language models of providers."""

from __future__ import annotations

from collections.abc import Mapping

from longshore.errors import LongshoreError
from longshore.extraction.chat import ChatExtractor
from longshore.providers.settings import Providers

OFFLINE = "offline"
"""No language model is asked; concepts are found without one."""


def require_extractor(providers: Providers, name: str) -> None:
    """Raises:
    LongshoreError: `extractor_unknown`.
    """
    known = (OFFLINE, *sorted(providers.extraction))
    if name not in known:
        raise LongshoreError(
            "extractor_unknown",
            f"There is no extractor {name} in the settings of the providers.",
            f"There are {', '.join(known)}. Others get a table in providers.toml; workers and API read it when they "
            "start.",
        )


class Extractors:
    """Finds extractors by name. Belongs to the event loop in which it is used."""

    def __init__(self, providers: Providers | None = None) -> None:
        self.providers = providers or Providers()
        self._remote = {name: ChatExtractor(provider) for name, provider in self.providers.extraction.items()}

    async def close(self) -> None:
        for remote in self._remote.values():
            await remote.close()

    def find(self, name: str | None) -> ChatExtractor | None:
        """The extractor of this name; None for the offline one.

        Raises:
            LongshoreError: `extractor_unknown`.
        """
        if name is None or name == OFFLINE:
            return None
        require_extractor(self.providers, name)
        return self._remote[name]

    @property
    def remote(self) -> Mapping[str, ChatExtractor]:
        return self._remote
