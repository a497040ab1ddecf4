"""The conversation with Zotero's web API about one library."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from pydantic import BaseModel, Field

from longshore.errors import ComeBackLater
from longshore.providers.waiting import retry_after_s
from longshore.sources.zotero.web.place import KEY
from longshore.sources.zotero.web.refusals import UNTOLD_WAIT_S, busy, refusal, unavailable

PATIENCE_S = 5.0
"""What is waited for without giving the worker's place away."""
CONNECT_S = 10.0
SILENCE_S = 60.0
ITEMS_AT_ONCE = 50
"""By their keys: as many as the API takes."""

_LISTED_AT_ONCE = 100
_RESTARTS = 5
_ANSWER_BYTES = 64 * 1024 * 1024
_REFUSAL_BYTES = 2000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Account:
    """An API key, and what its operator calls it, which messages may tell."""

    name: str
    key: str = field(repr=False)


class Object(BaseModel):
    """An item or a collection."""

    key: str = Field(pattern=f"^{KEY}$")
    version: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """What a list holds, and the version of the library that it is true of."""

    version: int
    objects: list[Object]


@dataclass(frozen=True)
class _Answer:
    version: int
    told: Any
    next_start: str
    """Where the list goes on; empty at its end."""


class ZoteroApi:
    """Reads one library. Belongs to the event loop in which it is first used.

    Each of its methods raises

    - InvalidSource: `library_not_found`, `credential_needed`, `credential_refused`, `zotero_refused`;
    - ComeBackLater: `zotero_busy`, `zotero_unavailable`: it says for how long it wants no more requests;
    - LongshoreError: `zotero_unavailable`.

    Args:
        base_url: Of the API, which the operator chooses.
        library: `users/123` or `groups/456`.
    """

    def __init__(self, base_url: str, library: str, account: Account | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.library = library
        self._account = account
        self._free_at = 0.0
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(SILENCE_S, connect=CONNECT_S),
            # A compressed answer of a few bytes could become any number of them.
            headers={"Accept-Encoding": "identity", "User-Agent": "longshore", "Zotero-API-Version": "3"},
            # A proxy for the outside world must not stand between a machine and itself.
            trust_env=urlsplit(base_url).hostname not in _LOOPBACK,
            verify=certificates(),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def versions(self, since: int) -> tuple[int, dict[str, int]] | None:
        """The library's version, and that of each item which has changed since another, also of those in the bin.

        Returns:
            None where nothing has changed.
        """
        unless = {"If-Modified-Since-Version": str(since)} if since else {}
        answer = await self._get("items", {"format": "versions", **_changed(since)}, unless)
        if answer is None:
            return None
        with _understood():
            return answer.version, {str(key): int(version) for key, version in answer.told.items()}

    async def items(self, keys: Sequence[str]) -> Listed:
        """Items by their keys, at most `ITEMS_AT_ONCE`; those that have gone meanwhile are not among them."""
        return _listed(await self._asked("items", {"itemKey": ",".join(keys), "includeTrashed": "1"}))

    async def collections(self, since: int) -> Listed:
        """Those that have changed, page after page; from the beginning again where the library changes meanwhile."""
        for _ in range(_RESTARTS):
            pages = [page async for page in self._pages("collections", _changed(since))]
            if len({page.version for page in pages}) == 1:
                return Listed(pages[0].version, [found for page in pages for found in page.objects])
        raise unavailable(f"the library {self.library} is changed faster than it can be listed", UNTOLD_WAIT_S)

    async def deleted(self, since: int) -> tuple[int, dict[str, list[str]]]:
        """The keys of what was deleted for good, by kind."""
        answer = await self._asked("deleted", {"since": str(since)})
        with _understood():
            return answer.version, {kind: [str(key) for key in keys] for kind, keys in answer.told.items()}

    @asynccontextmanager
    async def file(self, key: str) -> AsyncIterator[httpx2.Response]:
        """The beginning of the answer for an attachment's file: the file itself, a redirect to it, 403 or 404."""
        await self._wait()
        async with self._answering(f"items/{key}/file", {}, {}) as response:
            if not response.has_redirect_location and response.status_code not in (200, 403, 404):
                raise await self._refused(response)
            yield response

    async def _pages(self, path: str, asked: Mapping[str, str]) -> AsyncIterator[Listed]:
        start = "0"
        while start:
            answer = await self._asked(path, {**asked, "limit": str(_LISTED_AT_ONCE), "start": start})
            yield _listed(answer)
            start = answer.next_start

    async def _asked(self, path: str, asked: Mapping[str, str]) -> _Answer:
        answer = await self._get(path, asked, {})
        assert answer is not None, "only what is asked for conditionally can be unchanged"
        return answer

    async def _get(self, path: str, asked: Mapping[str, str], headers: Mapping[str, str]) -> _Answer | None:
        """None where nothing has changed. Short waits are waited for, long ones are raised."""
        while True:
            await self._wait()
            async with self._answering(path, asked, headers) as response:
                if response.status_code == 304 and headers:
                    return None
                if response.status_code == 200:
                    return await _read(response)
                refused = await self._refused(response)
            if not isinstance(refused, ComeBackLater) or refused.retry_after_s > PATIENCE_S:
                raise refused
            self._stay_away(refused.retry_after_s)

    @asynccontextmanager
    async def _answering(
        self, path: str, asked: Mapping[str, str], headers: Mapping[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        key = {"Zotero-API-Key": self._account.key} if self._account else {}
        url = f"{self.base_url}/{self.library}/{path}"
        with _understood():
            async with self._http.stream("GET", url, params=asked, headers={**headers, **key}) as response:
                if backoff := response.headers.get("backoff"):
                    self._stay_away(retry_after_s({"retry-after": backoff}) or 0.0)
                yield response

    def _stay_away(self, seconds: float) -> None:
        self._free_at = max(self._free_at, asyncio.get_running_loop().time() + seconds)

    async def _wait(self) -> None:
        left = self._free_at - asyncio.get_running_loop().time()
        if left > PATIENCE_S:
            raise busy(left)
        await asyncio.sleep(max(0.0, left))

    async def _refused(self, response: httpx2.Response) -> Exception:
        told = (await _content(response, _REFUSAL_BYTES, whole=False)).decode(errors="replace")
        name = self._account.name if self._account else None
        return refusal(response.status_code, response.headers, told, library=self.library, credential=name)


@cache
def certificates() -> ssl.SSLContext:
    """Reading them takes longer than many a request."""
    return httpx2.create_ssl_context()


@contextmanager
def _understood() -> Iterator[None]:
    """Whatever breaks, or makes no sense, is of Zotero's making, and may pass."""
    try:
        yield
    except (httpx2.HTTPError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        # Without what led to it: the request, which holds the key, hangs on the client's own errors.
        raise unavailable(f"its answer is none that can be used ({type(error).__name__})") from None


async def _read(response: httpx2.Response) -> _Answer:
    content = await _content(response, _ANSWER_BYTES, whole=True)
    # Only where to go on is taken from the link, so that it leads to no other server.
    following = urlsplit(response.links.get("next", {}).get("url", "")).query
    start = next(iter(parse_qs(following).get("start", ())), "")
    return _Answer(int(response.headers["last-modified-version"]), json.loads(content), start)


async def _content(response: httpx2.Response, most_bytes: int, *, whole: bool) -> bytes:
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > most_bytes:
            if whole:
                raise ValueError("the answer is too long")
            break
    return bytes(content)


def _listed(answer: _Answer) -> Listed:
    with _understood():
        return Listed(answer.version, [Object.model_validate(found) for found in answer.told])


def _changed(since: int) -> dict[str, str]:
    return {"since": str(since), "includeTrashed": "1"}
