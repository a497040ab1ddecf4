"""How repositories are reached: at addresses that were looked at first, and without following anybody elsewhere."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Collection
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from longshore.errors import InvalidSource, LongshoreError
from longshore.sources.git.location import Location

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 60.0

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48")
"""IPv6 addresses that stand for IPv4 ones (RFC 6052, RFC 8215), which may be private."""


def check(location: Location, own_hosts: Collection[str]) -> bool:
    """Whether the operator has named the host as one of the own, which may lie at private addresses.

    Args:
        own_hosts: `host` or `host:port`.

    Raises:
        InvalidSource: `repository_refused_here`: not by https, or at another port, and not one of the own.
    """
    own = location.host in own_hosts or f"{location.host}:{location.port}" in own_hosts
    if not own and (location.scheme != "https" or location.port != 443):
        raise InvalidSource(
            "repository_refused_here",
            f"{location.url} is not reached by https at port 443.",
            "Name it by https, or ask the operator to list its host in LONGSHORE_GIT_HOSTS.",
        )
    return own


def addresses_of(host: str, port: int, *, private: bool) -> list[str]:
    """The addresses to connect to, asked for once, so that a second answer cannot lead elsewhere.

    Raises:
        InvalidSource: `host_unknown`; `address_refused`: one of them is no public address.
        LongshoreError: `repository_unreachable`: names cannot be looked up at the moment.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise LongshoreError(
                "repository_unreachable", f"The name {host} cannot be looked up at the moment.", "It is tried again."
            ) from error
        raise InvalidSource("host_unknown", f"There is no host {host}.", "Check the spelling.") from error
    addresses = list(dict.fromkeys(str(address[4][0]) for address in found))
    if not private and not all(map(is_public, addresses)):
        raise InvalidSource(
            "address_refused",
            f"{host} lies at an address that is not public.",
            "Ask the operator to list it in LONGSHORE_GIT_HOSTS if that is meant to be.",
        )
    return addresses


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, and stands for no other."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and _stands_for_another(address):
        return False
    return address.is_global and not address.is_multicast


def _stands_for_another(address: ipaddress.IPv6Address) -> bool:
    inner = address.ipv4_mapped or address.sixtofour or address.teredo
    return bool(inner) or any(address in network for network in _TRANSLATED)


class PinnedPoolManager(urllib3.PoolManager):
    """Connects to the given addresses whatever the host's name resolves to later; follows no redirect, retries nothing.

    The certificate is checked against the host's name as ever.
    """

    def __init__(self, addresses: list[str]) -> None:
        super().__init__(
            num_pools=1,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS),
            ssl_context=ssl.create_default_context(),
        )

        class PinnedHttps(_Pinned, HTTPSConnection):
            pinned = addresses

        class PinnedHttp(_Pinned, HTTPConnection):
            pinned = addresses

        class HttpsPool(HTTPSConnectionPool):
            ConnectionCls = PinnedHttps

        class HttpPool(HTTPConnectionPool):
            ConnectionCls = PinnedHttp

        self.pool_classes_by_scheme = {"https": HttpsPool, "http": HttpPool}

    def urlopen(self, method: str, url: str, *_: Any, **kw: Any) -> urllib3.BaseHTTPResponse:
        return super().urlopen(method, url, **{**kw, "redirect": False})


class _Pinned(HTTPConnection):
    pinned: list[str]

    def _new_conn(self) -> socket.socket:
        last: OSError | None = None
        for address in self.pinned:
            try:
                return socket.create_connection((address, self.port), timeout=CONNECT_SECONDS)
            except OSError as error:
                last = error
        raise urllib3.exceptions.NewConnectionError(self, f"no address of {self.host} answers: {last}")
