"""Free ports, the same ones again after a restart."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Mapping

from longshore.stack.errors import Unmendable

LOOPBACK = "127.0.0.1"
# Below the ranges from which Linux and macOS take the ports of outgoing connections, so that a port
# stays free while its server restarts.
FIRST, LAST = 20_000, 32_767
ATTEMPTS = 500


def _refusal(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def check_host(host: str) -> None:
    """Raises Unmendable, `host_unusable`, if the API cannot listen at this address, whatever the port."""
    if refusal := _refusal(host, 0):
        raise Unmendable(
            "host_unusable",
            f"LONGSHORE_HOST is {host!r}, where this machine cannot listen: {refusal.strerror or refusal}.",
            "Set it to an address of this machine, such as 0.0.0.0 for all of them, or unset it for loopback only.",
        )


def require(host: str, port: int) -> int:
    """The port that a person asked for.

    Raises:
        Unmendable: `port_taken` if it is not free, `port_unusable` if this machine or user cannot have it.
    """
    refusal = _refusal(host, port)
    if refusal is None:
        return port
    if refusal.errno == errno.EADDRINUSE:
        raise Unmendable(
            "port_taken",
            f"Port {port} on {host} is taken by another program.",
            "Stop that program, set LONGSHORE_PORT to another port, or unset it to have a free one chosen.",
        )
    raise Unmendable(
        "port_unusable",
        f"Port {port} on {host} cannot be used: {refusal.strerror}.",
        "Set LONGSHORE_PORT and LONGSHORE_HOST to a port and an address of this machine.",
    )


class Ports:
    """Ports by name, each kept for as long as it is free."""

    def __init__(self, remembered: Mapping[str, int] | None = None) -> None:
        self.chosen = dict(remembered or {})

    def take(self, name: str, host: str = LOOPBACK) -> int:
        """The port of that name if it is free, else another one, which is remembered.

        Raises:
            Unmendable: `host_unusable` if no port of that host can be had, `no_free_port`.
        """
        check_host(host)
        others = {port for owner, port in self.chosen.items() if owner != name}
        candidates = (random.randint(FIRST, LAST) for _ in range(ATTEMPTS))
        for port in (self.chosen.get(name, 0), *candidates):
            if port and port not in others and not _refusal(host, port):
                self.chosen[name] = port
                return port
        raise Unmendable(
            "no_free_port",
            f"No free port was found on {host} between {FIRST} and {LAST}.",
            "End programs that hold ports there, or set LONGSHORE_PORT.",
        )
