"""Where a repository is: the URLs that are taken, and what a repository is called by them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from longshore.errors import InvalidSource

LONGEST_URL = 1000

_SCP_LIKE = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w-]+(?:\.[\w-]+)+):(?P<path>[\w~][^:\s]*)")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class Location:
    """A URL of a repository, in one spelling. `name` is its host and path, or a folder's own name."""

    url: str
    scheme: str
    host: str
    """Without brackets, in ASCII and lower case."""
    port: int
    path: str

    @property
    def name(self) -> str:
        if self.scheme == "file":
            return unquote(self.path).rpartition("/")[2].removesuffix(".git") or self.path
        return f"{self.host}{unquote(self.path)}".removesuffix(".git")


def parse_location(text: str) -> Location:
    """What a URL names. Whether it may be fetched is the worker's to say, which knows its operator's hosts.

    Raises:
        InvalidSource: `bad_repository_url`, saying what to write instead.
    """
    text = text.strip()
    if len(text) > LONGEST_URL or re.search(r"[\x00-\x20\x7f\\]", text):
        raise _bad("it is too long, or holds blanks or control characters")
    if scp := _SCP_LIKE.fullmatch(text):
        raise _bad("it is meant for SSH", f"Name it by https: https://{scp['host']}/{scp['path']}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _bad("it is no URL") from None
    if parts.scheme == "file" and not parts.netloc and "?" not in text and "#" not in text:
        return _local(parts.path)
    if parts.scheme not in ("https", "http"):
        raise _bad(f"its scheme is {parts.scheme or 'missing'}")
    if "@" in parts.netloc:
        raise _bad(
            "it carries a user name or a password, which would be written into records and logs",
            "Leave them out and name a credential that the operator has set up.",
        )
    if "?" in text or "#" in text:
        raise _bad("it has a query or a fragment")
    host = _ascii(parts.hostname or "")
    path = parts.path.rstrip("/")
    if not path or ".." in unquote(path).split("/"):
        raise _bad("it names no repository")
    bracketed = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    suffix = f":{port}" if port not in (None, default) else ""
    return Location(f"{parts.scheme}://{bracketed}{suffix}{path}", parts.scheme, host, port or default, path)


def _local(path: str) -> Location:
    """A folder of the machine that a worker runs on."""
    path = path.rstrip("/")
    if not path or ".." in unquote(path).split("/") or "\0" in unquote(path):
        raise _bad("it names no repository", "Give a folder as file:///path/to/project.")
    return Location(f"file://{path}", "file", "", 0, path)


def _ascii(host: str) -> str:
    try:
        encoded = host.rstrip(".").lower() if host.isascii() else host.rstrip(".").encode("idna").decode()
    except UnicodeError:
        encoded = ""
    if not _HOST.fullmatch(f"[{encoded}]" if ":" in encoded else encoded):
        raise _bad("its host is no name")
    return encoded


def _bad(
    reason: str, hint: str = "Give it as https://host/path, such as https://example.org/group/project.git"
) -> Exception:
    return InvalidSource("bad_repository_url", f"The repository's URL cannot be used: {reason}.", hint)
