"""The HTTP client of the API: it waits out a restart of the server, and turns problems into errors for a person."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx2

from longshore.cli.output import BadInput
from longshore.cli.reaching import VARIABLE, given_url
from longshore.cli.resources import Import, Json
from longshore.errors import LongshoreError, StackError

TIMEOUT = httpx2.Timeout(30, connect=5)
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 2.0
NEVER_ARRIVED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PASSING = frozenset({429, 502, 503, 504})
"""Answers that are others a little later."""
KEY_VARIABLE = "LONGSHORE_API_KEY"

Body = Callable[[], AsyncIterator[bytes]]


class Refused(BadInput):
    """The API understood the request and will not do it as it stands."""


class ServerFailed(LongshoreError):
    """The API could not do what it was asked, through no fault of the request."""


class Api:
    """Calls the API, looking its address up again whenever it does not answer.

    Args:
        locate: Gives the API's base URL; raises StackError where nothing runs. A restarted API may have moved.
        patience: Seconds for which a call is repeated while the server is away or too busy.
    """

    def __init__(self, locate: Callable[[], str], patience: float) -> None:
        self.patience = patience
        self._locate = locate
        self.url = locate().rstrip("/")
        host = urlsplit(self.url).hostname
        # A proxy for the outside world must not stand between a machine and itself.
        self._http = httpx2.AsyncClient(timeout=TIMEOUT, trust_env=host not in LOOPBACK, headers=_credentials())

    async def __aenter__(self) -> Api:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, **params: str | int | None) -> Json:
        return await self.call("GET", path, params={k: v for k, v in params.items() if v is not None})

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        repeatable: bool = True,
    ) -> Json:
        """The JSON of the answer.

        Args:
            body: Makes the bytes to send, anew for each attempt.
            repeatable: Whether doing it twice is the same as once. If not, it is only repeated where it never arrived.

        Raises:
            Refused: the API answered with 4xx.
            ServerFailed: it answered with 5xx other than those that pass.
            StackError: it did not answer, or was not ready, for as long as there was patience.
        """
        deadline = time.monotonic() + self.patience
        pause = FIRST_PAUSE_S
        while True:
            content: Any = body() if body else None
            try:
                response = await self._http.request(
                    method, self.url + path, json=json, params=params, headers=headers, content=content
                )
            except httpx2.TransportError as error:
                failure: LongshoreError = self._unreachable(error)
                wait, again = pause, repeatable or isinstance(error, NEVER_ARRIVED)
            else:
                if response.status_code not in PASSING:
                    return self._answer(response)
                failure, wait, again = self._problem(response), max(pause, _retry_after(response)), True
            if not again or time.monotonic() + wait > deadline:
                raise failure
            await asyncio.sleep(wait)
            pause = min(pause * 2, LONGEST_PAUSE_S)
            self._look_again()

    async def download(self, path: str, **params: str) -> AsyncGenerator[bytes, None]:
        """The bytes of an answer as they come.

        Raises:
            LongshoreError: the API answered with an error.
            StackError: it did not answer, or broke off in the middle.
        """
        begun = False
        try:
            async with self._http.stream("GET", self.url + path, params=params) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._problem(response)
                async for piece in response.aiter_bytes():
                    begun = True
                    yield piece
        except httpx2.TransportError as error:
            if not begun:
                raise self._unreachable(error) from error
            raise StackError(
                "broken_off",
                f"Longshore's API at {self.url} broke off in the middle of its answer.",
                "`longshore status` shows what runs; then try again.",
            ) from error

    async def events(self, project: str, import_id: str) -> AsyncIterator[tuple[str, Json]]:
        """Name and content of each server-sent event, until the connection ends.

        Raises:
            httpx2.TransportError: the connection was lost, or is no stream of events.
            LongshoreError: the API answered with an error.
        """
        self._look_again()
        url = self.url + import_path(project, import_id) + "/events"
        async with self._http.stream("GET", url, timeout=httpx2.Timeout(None, connect=5)) as response:
            if response.status_code != 200:
                await response.aread()
                raise self._problem(response)
            async for event in httpx2.EventSource(response):
                yield event.event, cast(Json, event.json())

    async def find_import(self, project: str, import_id: str) -> Import:
        return cast(Import, await self.get(import_path(project, import_id)))

    def _look_again(self) -> None:
        # While it is being restarted, the last address is the best guess.
        with contextlib.suppress(StackError):
            self.url = self._locate().rstrip("/")

    def _unreachable(self, error: httpx2.TransportError) -> StackError:
        why = str(error) or type(error).__name__
        way = "`longshore status` shows what runs, `longshore up` starts what does not."
        if given_url():
            way = f"Start it there or correct {VARIABLE}; unset it to use the engines on this machine."
        return StackError("api_unreachable", f"Longshore's API at {self.url} does not answer ({why}).", way)

    def _answer(self, response: httpx2.Response) -> Json:
        if not response.is_success:
            raise self._problem(response)
        if response.status_code == httpx2.codes.NO_CONTENT:
            return {}
        try:
            return cast(Json, response.json())
        except ValueError:
            raise self._stranger(response) from None

    def _problem(self, response: httpx2.Response) -> LongshoreError:
        """An RFC 9457 problem as the error it stands for."""
        try:
            fields = response.json()
            code, detail = str(fields["code"]), str(fields.get("detail") or fields.get("title"))
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._stranger(response)
        hint = str(fields.get("hint") or "")
        if response.status_code < 500:
            return Refused(code, detail, hint)
        if response.status_code in (502, 503, 504):
            return StackError(code, detail, hint)
        if request_id := fields.get("request_id"):
            hint = f"{hint} The API's log names this request {request_id}.".strip()
        return ServerFailed(code, detail, hint)

    def _stranger(self, response: httpx2.Response) -> StackError:
        kind = response.headers.get("content-type", "nothing readable")
        return StackError(
            "not_the_api",
            f"What answers at {self.url} does not speak as Longshore's API (HTTP {response.status_code}, {kind}).",
            "Check LONGSHORE_API_URL, or unset it to use the engines on this machine.",
        )


def _credentials() -> dict[str, str]:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key.isascii() or not key.isprintable():
        raise BadInput("bad_api_key", f"{KEY_VARIABLE} does not hold an API key.", "`longshore keys create` makes one.")
    return {"Authorization": f"Bearer {key}"} if key else {}


def project_path(project: str) -> str:
    return f"/v1/projects/{quote(project, safe='')}"


def source_path(project: str, source: str) -> str:
    return f"{project_path(project)}/sources/{quote(source, safe='')}"


def import_path(project: str, import_id: str) -> str:
    return f"{project_path(project)}/imports/{quote(import_id, safe='')}"


def _retry_after(response: httpx2.Response) -> float:
    try:
        return float(response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0
