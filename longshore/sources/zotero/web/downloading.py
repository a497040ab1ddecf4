"""Attachments' files: from the API, or from the storage that it sends to, at addresses that were looked at first."""

from __future__ import annotations

import asyncio
import socket
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx2

from longshore.codes import ItemCode
from longshore.errors import ComeBackLater
from longshore.sources.git.network import is_public
from longshore.sources.parcel import Parcel
from longshore.sources.zotero.web.client import CONNECT_S, PATIENCE_S, SILENCE_S, ZoteroApi, certificates
from longshore.sources.zotero.web.refusals import refusal, unavailable

WALL_S = 1800.0
"""That one file may take; a server that drips is given up then."""

_HOPS = 3
_PIECE = 1024 * 1024
_DEFAULT_PORTS = {"https": 443, "http": 80}


class NotToBeHad(Exception):
    """There is no file, or none that is fetched; `code` says why."""

    def __init__(self, code: ItemCode) -> None:
        super().__init__(code)
        self.code: ItemCode = code


async def download(api: ZoteroApi, key: str, name: str, most_bytes: int) -> Parcel:
    """The file of an attachment; closing it is the caller's. Short waits are waited for, long ones are raised.

    Args:
        name: Of the file, by which it is found where the storage has packed it.

    Raises:
        NotToBeHad: `missing_file`, `forbidden_file`, `too_large`, `refused_redirect`, `corrupt`.
        InvalidSource, LongshoreError: as the methods of `ZoteroApi` do.
    """
    while True:
        try:
            return await _download(api, key, name, most_bytes)
        except ComeBackLater as refused:
            if refused.retry_after_s > PATIENCE_S:
                raise
            await asyncio.sleep(refused.retry_after_s)


async def _download(api: ZoteroApi, key: str, name: str, most_bytes: int) -> Parcel:
    parcel = Parcel()
    try:
        async with asyncio.timeout(WALL_S):
            packed = await _fetch(api, key, parcel, most_bytes)
        if not packed:
            return parcel
        with parcel:
            return await asyncio.to_thread(_unpacked, parcel.content, name, most_bytes)
    except TimeoutError:
        parcel.content.close()
        raise unavailable("a file took too long") from None
    except BaseException:
        parcel.content.close()
        raise


async def _fetch(api: ZoteroApi, key: str, parcel: Parcel, most_bytes: int) -> bool:
    """Whether what was fetched is packed into a zip, as snapshots of web pages are."""
    async with api.file(key) as response:
        if response.status_code in (403, 404):
            raise NotToBeHad("missing_file" if response.status_code == 404 else "forbidden_file")
        packed = response.headers.get("zotero-file-compressed", "").lower() == "yes"
        if not response.has_redirect_location:
            await _receive(response, parcel, most_bytes)
            return packed
        target = urljoin(f"{api.base_url}/", response.headers["location"])
    for _ in range(_HOPS):
        async with _answer(target, urlsplit(api.base_url)) as response:
            if response.has_redirect_location:
                target = urljoin(target, response.headers["location"])
                continue
            if response.status_code in (408, 429) or response.status_code >= 500:
                raise refusal(response.status_code, response.headers, "", library=api.library, credential=None)
            if response.status_code != 200:
                raise NotToBeHad("missing_file")
            await _receive(response, parcel, most_bytes)
            return packed
    raise NotToBeHad("refused_redirect")


@asynccontextmanager
async def _answer(url: str, base: SplitResult) -> AsyncIterator[httpx2.Response]:
    """What the storage answers. It is not told the API's key, and redirects are left to the caller."""
    parts, address = await _checked(url, base)
    host = f"[{address}]" if ":" in address else address
    pinned = parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host, fragment="").geturl()
    timeout = httpx2.Timeout(SILENCE_S, connect=CONNECT_S)
    try:
        async with (
            httpx2.AsyncClient(timeout=timeout, trust_env=False, verify=certificates()) as http,
            http.stream(
                "GET",
                pinned,
                headers={"Accept-Encoding": "identity", "User-Agent": "longshore", "Host": parts.netloc},
                # The certificate is checked against the host's name as ever.
                extensions={"sni_hostname": parts.hostname},
            ) as response,
        ):
            yield response
    except httpx2.HTTPError as error:
        # The URL, which is as good as a key for a while, hangs on the client's own errors.
        raise unavailable(f"the storage of its files broke off ({type(error).__name__})") from None


async def _checked(url: str, base: SplitResult) -> tuple[SplitResult, str]:
    """A URL that may be fetched, and the address of its host, asked for once: a second answer could lead elsewhere.

    Only the host that the operator has chosen for the API may lie at a private address, at another port, or speak
    plain HTTP.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise NotToBeHad("refused_redirect") from None
    own = parts.hostname == base.hostname and (parts.scheme == "https" or base.scheme == "http")
    if not parts.hostname or "@" in parts.netloc or not (own or (parts.scheme == "https" and port == 443)):
        raise NotToBeHad("refused_redirect")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError:
        raise unavailable(f"the name {parts.hostname} cannot be looked up") from None
    addresses = [str(address[4][0]) for address in found]
    if not own and not all(map(is_public, addresses)):
        raise NotToBeHad("refused_redirect")
    return parts, addresses[0]


async def _receive(response: httpx2.Response, parcel: Parcel, most_bytes: int) -> None:
    async for piece in response.aiter_raw():
        if parcel.size + len(piece) > most_bytes:
            raise NotToBeHad("too_large")
        parcel.write(piece)


def _unpacked(packed: IO[bytes], name: str, most_bytes: int) -> Parcel:
    """The page of a snapshot, without its pictures and styles."""
    unpacked = Parcel()
    try:
        packed.seek(0)
        with zipfile.ZipFile(packed) as archive, archive.open(_chosen(archive, name)) as file:
            while piece := file.read(_PIECE):
                if unpacked.size + len(piece) > most_bytes:
                    raise NotToBeHad("too_large")
                unpacked.write(piece)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        unpacked.content.close()
        raise NotToBeHad("corrupt") from error
    except NotToBeHad:
        unpacked.content.close()
        raise
    return unpacked


def _chosen(archive: zipfile.ZipFile, name: str) -> str:
    names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    if name in names:
        return name
    pages = [found for found in names if found.lower().endswith((".html", ".htm"))]
    if len(names) != 1 and len(pages) != 1:
        raise NotToBeHad("corrupt")
    return names[0] if len(names) == 1 else pages[0]
