"""How the workers reach Zotero's API: at the address and with the keys that the operator has set up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from longshore.errors import InvalidSource
from longshore.settings import Settings
from longshore.sources.git.credentials import find_credential
from longshore.sources.zotero.web.client import Account, ZoteroApi


@dataclass(frozen=True, slots=True)
class ZoteroAccess:
    """What the operator says about it."""

    base_url: str
    credentials: Path
    """A TOML file, a table for each credential, the same as for repositories."""
    most_bytes: int
    """Of one attachment's file."""

    @classmethod
    def of(cls, settings: Settings) -> ZoteroAccess:
        return cls(str(settings.zotero_api).rstrip("/"), settings.git_credentials_file, settings.max_upload_bytes)

    def open(self, project: str, library: str, credential: str | None) -> ZoteroApi:
        """The API of one library, with the key that a project may use for it; closing it is the caller's.

        Raises:
            InvalidSource: as `find_credential` does.
        """
        if credential is None:
            return ZoteroApi(self.base_url, library)
        key = find_credential(self.credentials, credential, project, f"{self.base_url}/{library}").token
        if not key.isascii() or not key.isalnum():
            raise InvalidSource(
                "credential_unusable",
                f"What the credential {credential!r} points to is no API key of Zotero's.",
                "Ask the operator: it is letters and digits, made at https://www.zotero.org/settings/keys.",
            )
        return ZoteroApi(self.base_url, library, Account(credential, key))
