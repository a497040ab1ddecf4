"""`longshore compare`: begun from a file of variants, shown as a board, a table and a plot."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from longshore.cli.comparing import read_variants
from longshore.cli.comparisons import WIDTH, line
from longshore.cli.output import BadInput
from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi
from tests.cli.voyages import Json

STEPS = ("import", "retrieval", "structure", "cost")


def estimate(value: float) -> Json:
    return {"value": value, "low": max(0.0, value - 0.1), "high": min(1.0, value + 0.1)}


def measures(value: float) -> Json:
    found = {name: estimate(value) for name in ("recall_1", "recall_10", "mrr", "ndcg_10")}
    groups = [
        {"kind": kind, "language": language, "questions": 7, "measures": found}
        for kind, language in (("sentence", "ko"), ("title", "en"), ("sentence", "en"))
    ]
    structure: dict[str, Any] = dict.fromkeys(("documents", "passages", "concepts", "edges", "components"), 12)
    structure |= {"nodes": 30, "orphans": 1, "largest_share": 0.9, "evidence": 0.985, "mentions": 50}
    cost = {"chunks": 12, "texts": 12, "tokens": 3456, "bytes": 2_500_000, "seconds": 61.5, "money": 0.0, "failed": 0}
    return {"retrieval": {"model": "m", "groups": groups}, "structure": structure, "cost": cost}


def variant(name: str, value: float | None, failed: str | None = None) -> Json:
    steps = []
    for step in STEPS:
        state = "done" if value is not None else "pending"
        reason = None
        if failed and STEPS.index(step) <= STEPS.index(failed):
            state = "failed" if step == failed else "done"
            reason = {"code": "broken", "message": "the disk was full", "resume_at": None} if step == failed else None
        steps.append({"name": step, "state": state, "attempt": 1, "interruptions": 0, "reason": reason})
    return {
        "name": name,
        "settings": {"name": name, "passage": 400, "concepts": 15, "partners": 10, "embedder": None},
        "state": "failed" if failed else "running" if value is None else "succeeded",
        "steps": steps,
        "progress": None,
        "measures": measures(value) if value is not None else dict.fromkeys(("retrieval", "structure", "cost")),
    }


def comparison(state: str, *variants: Json, promoted: str | None = None) -> Json:
    return {
        "project": "library",
        "id": "c1",
        "source": "zotero.x",
        "name": "My papers",
        "state": state,
        "live": True,
        "fraction": 1.0,
        "questions": 21,
        "variants": list(variants),
        "promoted": promoted,
        "created_at": "2026-01-02T03:04:05Z",
        "closed_at": None,
        "links": {"self": "/v1/projects/library/comparisons/c1"},
    }


ENDED = comparison("partially_succeeded", variant("usual", 0.5), variant("long", 0.75), variant("odd", None, "import"))


@pytest.fixture
def variants(tmp_path: Path) -> Path:
    path = tmp_path / "variants.toml"
    path.write_text('[variants.usual]\n\n[variants.long]\npassage = 1800\nembedder = "offline"\n')
    return path


def test_variants_are_read_in_their_order(variants: Path) -> None:
    assert read_variants(variants) == [{"name": "usual"}, {"name": "long", "passage": 1800, "embedder": "offline"}]


@pytest.mark.parametrize("text", ["", "variants = 3", "[variants]", "[variants.a]\n[other]\n", "[variants"])
def test_file_without_variants_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "variants.toml"
    path.write_text(text)
    with pytest.raises(BadInput):
        read_variants(path)


def test_comparison_is_begun_followed_and_shown(fake: FakeApi, run: Run, export: Path, variants: Path) -> None:
    begun = comparison("running", variant("usual", None), variant("long", None))
    fake.comparisons = [begun, deepcopy(begun), ENDED]
    questions = variants.parent / "questions.jsonl"
    questions.write_text('{"question": "what", "document": "that"}\n')
    done = run(
        "compare",
        str(export),
        "--variants",
        str(variants),
        "--questions",
        str(questions),
        "--each",
        "7",
        "--step-deadline",
        "2",
    )
    assert done.code == 0, done.err
    [(asked, body)] = fake.comparison_asked
    assert asked == "POST "
    assert [entry["name"] for entry in body["variants"]] == ["usual", "long"]
    assert (body["questions"]["each"], body["step_deadline_s"]) == (7, 7200)
    assert fake.blobs[body["questions"]["given"]] == questions.read_bytes()
    assert "usual: import done" in done.out
    assert "0.750  [0.650, 0.850]" in done.out
    assert done.out.index("title → document, English (7)") < done.out.index("sentence → passage, English (7)")
    assert "odd, import: the disk was full" in done.out
    assert "compare promote c1 VARIANT" in done.out


def test_comparison_is_shown_listed_and_steered(fake: FakeApi, run: Run) -> None:
    fake.comparisons = [ENDED]
    assert json.loads(run("compare", "show", "c1", "--json").out)["id"] == "c1"
    assert "odd failed" in run("compare", "list").out
    assert run("compare", "retry", "c1", "odd", "--step", "retrieval").code == 0
    assert run("compare", "pause", "c1").code == 0
    assert "It takes a while" in run("compare", "promote", "c1", "long").out
    fake.comparisons = [comparison("succeeded", variant("long", 0.5), promoted="long")]
    assert "library serves long now" in run("compare", "promote", "c1", "long").out
    assert run("compare", "drop", "c1").code == 0
    assert fake.comparison_asked == [
        ("POST /c1:retry", {"variant": "odd", "step": "retrieval"}),
        ("POST /c1:pause", None),
        ("POST /c1:promote", {"variant": "long"}),
        ("POST /c1:promote", {"variant": "long"}),
        ("DELETE /c1", None),
    ]


def test_plot_marks_the_mean_within_its_interval() -> None:
    drawn = line({"value": 0.5, "low": 0.25, "high": 1.0})
    assert len(drawn) == WIDTH
    assert (drawn.index("─"), drawn.index("●"), drawn.rindex("─")) == (10, 20, WIDTH - 1)
    assert line(estimate(0.0))[0] == "●"
