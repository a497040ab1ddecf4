"""Which hosts and origins are this server's own, and when it is reached from elsewhere than its machine."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from starlette.types import Scope

from longshore.settings import Settings

_PORTS = {"http": 80, "https": 443}
_AUTHORITY = r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(:\d{1,5})?"
_HOST, _ORIGIN = re.compile(_AUTHORITY), re.compile(rf"https?://{_AUTHORITY}")
"""Nothing else may stand there, or what is built from it would have another path."""


class Addresses:
    """Where the settings say that the server is found."""

    def __init__(self, settings: Settings) -> None:
        self._public = urlsplit(str(settings.public_url)) if settings.public_url else None
        self._cors = frozenset(settings.allowed_origins)
        self.engine_pages = _origins(settings.temporal_ui)
        """Origins of Temporal's Web UI."""

    def serves(self, host: str, scope: Scope) -> bool:
        """Whether a Host header names this server: no other name is answered, lest its owner read the answers."""
        if not _HOST.fullmatch(host):
            return False
        if self._public and _named(urlsplit(f"{self._public.scheme}://{host}")) in _names(self._public):
            return True
        name = _named(urlsplit(f"{scope['scheme']}://{host}"))
        return name is not None and self._is_here(name, scope)

    def trusts(self, origin: str, scope: Scope) -> bool:
        """Whether a page of this origin may change something: one of our own, or one that the settings allow."""
        if origin in self._cors:
            return True
        if not _ORIGIN.fullmatch(origin):
            return False
        parts = urlsplit(origin)
        name = _named(parts)
        if name is None:
            return False
        if self._public and parts.scheme == self._public.scheme and name in _names(self._public):
            return True
        return parts.scheme == scope["scheme"] and self._is_here(name, scope)

    def _is_here(self, name: tuple[str, int], scope: Scope) -> bool:
        host, port = name
        at, local_port = scope.get("server") or ("", None)
        return port == (local_port or _PORTS[scope["scheme"]]) and (is_loopback(host) or host == at)


def _origins(url: str | None) -> frozenset[str]:
    """The origin of a page, on loopback under each of its names."""
    parts = urlsplit(url or "")
    name = _named(parts) if parts.scheme in _PORTS else None
    if name is None:
        return frozenset()
    host, port = name
    hosts = ("localhost", "127.0.0.1", "[::1]") if is_loopback(host) else (f"[{host}]" if ":" in host else host,)
    suffix = "" if port == _PORTS[parts.scheme] else f":{port}"
    return frozenset(f"{parts.scheme}://{each}{suffix}" for each in hosts)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _named(parts: SplitResult) -> tuple[str, int] | None:
    """Host and port; None where they are none."""
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    return host, _PORTS[parts.scheme] if port is None else port


def _names(public: SplitResult) -> set[tuple[str, int]]:
    """A public URL on loopback, as a published container has, stands for every name of loopback."""
    host, port = public.hostname or "", public.port or _PORTS[public.scheme]
    hosts = {host, "localhost", "127.0.0.1", "::1"} if is_loopback(host) else {host}
    return {(each, port) for each in hosts}
