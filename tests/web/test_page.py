"""How the built page is served."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest

import api.page
from api.app import create_app
from longshore.settings import Settings
from tests.web.quay import Quay


async def test_every_view_has_the_same_document_under_a_strict_policy(quay: Quay) -> None:
    async with httpx2.AsyncClient(base_url=quay.url) as http:
        for path in ("/", "/providers", "/p/any", "/p/any/imports/zotero.a.b", "/p/any/graph"):
            answer = await http.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/html")
            assert answer.headers["cache-control"] == "no-cache"
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
        assert (await http.get("/elsewhere")).status_code == 404


async def test_assets_are_kept_for_ever_and_nothing_else_is_served(quay: Quay) -> None:
    async with httpx2.AsyncClient(base_url=quay.url) as http:
        names = re.findall(r'"(/assets/[^"]+)"', (await http.get("/")).text)
        assert len(names) >= 2
        for name in names:
            answer = await http.get(name)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
        for path in ("/assets/none.js", "/assets/..%2findex.html", "/assets/%2e%2e/%2e%2e/page.py"):
            assert (await http.get(path)).status_code == 404


async def test_without_a_built_page_the_api_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.page, "STATIC", tmp_path)
    app = create_app(Settings(home=tmp_path))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1") as http:
        answer = await http.get("/")
    assert answer.status_code == 503
    assert "make page" in answer.text
