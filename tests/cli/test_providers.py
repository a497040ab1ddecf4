"""`longshore providers`, and what an import is told of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi

GATE = {
    "state": "operator",
    "code": "operator_action",
    "message": "The provider openai does not accept the key.",
    "resume_at": "2999-01-02T03:04:05Z",
    "broken": False,
}


def provider(id_: str, **more: Any) -> dict[str, Any]:
    use = {"tokens_today": 12_345, "cost_today": 0.5, "tokens_last_minute": 0}
    return {"id": id_, "model": "m", "rps": None, "workers": 1, "use": use, "gate": None, **more}


def test_providers_are_listed_with_what_they_wait_for(fake: FakeApi, run: Run) -> None:
    assert "No providers" in run("providers", "list").out
    fake.providers = [provider("embedding.cohere", rps=2.5), provider("embedding.openai", gate=GATE)]
    shown = run("providers", "list")
    assert shown.code == 0, shown.err
    for said in (
        "embedding.cohere",
        "2.5",
        "12,345",
        "needs you",
        "does not accept the key",
        "asked again by itself",
        "providers reset",
    ):
        assert said in shown.out
    assert json.loads(run("providers", "list", "--json").out)["providers"] == fake.providers


def test_a_limit_is_changed_by_the_short_name_and_taken_back(fake: FakeApi, run: Run) -> None:
    fake.providers = [provider("embedding.openai"), provider("embedding.both"), provider("extraction.both")]
    assert "3 requests a second" in run("providers", "limit", "openai", "--rps", "3").out
    assert fake.providers[0]["rps"] == 3
    assert "as many requests as come" in run("providers", "limit", "embedding.openai", "--default").out
    assert run("providers", "limit", "openai").code == 2
    assert "embedding.both and extraction.both" in run("providers", "limit", "both", "--rps", "3").err
    assert "no provider nobody" in run("providers", "reset", "nobody").err


def test_one_that_is_back_is_asked_again(fake: FakeApi, run: Run) -> None:
    fake.providers = [provider("embedding.openai", gate=GATE)]
    assert run("providers", "reset", "openai").code == 0
    assert fake.providers[0]["gate"] is None


def test_an_import_names_its_embedder_and_what_it_may_cost(fake: FakeApi, run: Run, export: Path) -> None:
    assert run("import", str(export), "--embedder", "openai", "--max-cost", "2.5").code == 0
    options = fake.submissions[0]["options"]
    assert (options["embedder"], options["max_cost"]) == ("openai", 2.5)
