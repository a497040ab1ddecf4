"""Asking a provider over HTTP, once: whoever calls decides whether to ask again, so nothing is retried here."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog

from longshore.providers.classifying import error_within, refusal
from longshore.providers.refusals import ProviderRefusal, RefusalCode
from longshore.providers.secrets import resolve
from longshore.providers.settings import Provider

CONNECT_S = 10.0
LARGE_BYTES = 1 << 20
READ_AT_ONCE = 4
"""Answers that may be large: each is held in memory, and again as what is read from it."""
REFUSAL_BYTES = 65_536
"""What is read of an answer that refuses."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """What a provider answered: a JSON object, and the seconds that it took."""

    body: dict[str, Any]
    seconds: float


class ProviderClient:
    """Speaks to one provider. Belongs to the event loop in which it is first used."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._reading = asyncio.Semaphore(READ_AT_ONCE)
        host = urlsplit(provider.base_url).hostname
        self._http = httpx2.AsyncClient(
            # One deadline holds for the whole request; a timeout for each read never ends a slow drip.
            timeout=httpx2.Timeout(None, connect=CONNECT_S),
            # A compressed answer of a few bytes could become any number of them.
            headers={"Accept-Encoding": "identity", "Content-Type": "application/json", "User-Agent": "longshore"},
            # A proxy for the outside world must not stand between a machine and itself.
            trust_env=host not in LOOPBACK,
            verify=_certificates(),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, path: str, body: Mapping[str, Any], most_bytes: int) -> Answer:
        """Sends one request.

        Args:
            path: What follows the provider's base URL.
            most_bytes: An answer that is longer is not read to its end.

        Raises:
            ProviderRefusal: whatever went wrong.
        """
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._provider.deadline_s):
                answer = await self._post(path, body, most_bytes, begun)
        except TimeoutError:
            refused = self._refuse("timeout", f"{self._provider.deadline_s:g} seconds were over.")
        except httpx2.ConnectTimeout:
            refused = self._refuse("timeout", f"no connection within {CONNECT_S:g} seconds.")
        except httpx2.ConnectError:
            refused = self._refuse("unavailable", "it cannot be reached.")
        except httpx2.TransportError as error:
            refused = self._refuse("unavailable", f"the connection broke ({type(error).__name__}).")
        except ProviderRefusal as error:
            refused = error
        else:
            self._note("provider_answered", begun)
            return answer
        self._note("provider_refused", begun, reason=refused.reason, status=refused.status, wait_s=refused.retry_after)
        # Without what led to it: the request, which holds the key, hangs on the client's own errors.
        raise refused from None

    async def _post(self, path: str, body: Mapping[str, Any], most_bytes: int, begun: float) -> Answer:
        provider = self._provider
        secret = resolve(provider.secret, provider.name).get_secret_value() if provider.secret else ""
        sent = json.dumps(body, ensure_ascii=False)
        request = self._http.build_request(
            "POST",
            provider.base_url + path,
            params={"api-version": provider.api_version} if provider.api_version else None,
            content=sent.encode(errors="replace"),
            headers=_credentials(provider, secret),
        )
        response = await self._http.send(request, stream=True)
        try:
            if not response.is_success:
                told = await self._read(response, REFUSAL_BYTES, whole=False)
                raise refusal(provider.name, response.status_code, response.headers, told, sent, secret)
            if response.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
                raise self._refuse("bad_answer", "it is compressed, which was not asked for.")
            async with self._reading if most_bytes > LARGE_BYTES else nullcontext():
                content = await self._read(response, most_bytes, whole=True)
                parsed = self._parsed(content)
        finally:
            await response.aclose()
        if status := error_within(parsed):
            raise refusal(provider.name, status, response.headers, content, sent, secret)
        return Answer(parsed, time.monotonic() - begun)

    async def _read(self, response: httpx2.Response, most_bytes: int, whole: bool) -> bytes:
        content = bytearray()
        async for piece in response.aiter_raw():
            content += piece
            if len(content) > most_bytes:
                if whole:
                    raise self._refuse("bad_answer", f"it is longer than {most_bytes:,} bytes.")
                break
        return bytes(content)

    def _parsed(self, content: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(content)
        except (ValueError, RecursionError):
            raise self._refuse("bad_answer", "it is no JSON, or broke off.") from None
        if not isinstance(parsed, dict):
            raise self._refuse("bad_answer", "it is no JSON object.")
        return parsed

    def _refuse(self, code: RefusalCode, detail: str) -> ProviderRefusal:
        return ProviderRefusal(code, self._provider.name, detail)

    def _note(self, event: str, begun: float, **more: object) -> None:
        seconds = round(time.monotonic() - begun, 3)
        _log.info(event, provider=self._provider.name, model=self._provider.model, seconds=seconds, **more)


@cache
def _certificates() -> ssl.SSLContext:
    """Reading them takes longer than many a request."""
    return httpx2.create_ssl_context()


def _credentials(provider: Provider, secret: str) -> dict[str, str]:
    if not secret:
        return {}
    return {"api-key": secret} if provider.kind == "azure" else {"Authorization": f"Bearer {secret}"}
