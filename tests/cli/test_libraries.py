"""Libraries of zotero.org on the command line, and what is chosen of libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_api import FakeApi

CHOICE = ("--collection", "Harbour/Cranes", "--tag", "tides", "--tag", "ships", "--type", "journalArticle")
CHOSEN = {"collections": ["Harbour/Cranes"], "tags": ["tides", "ships"], "item_types": ["journalArticle"]}


@pytest.mark.parametrize("address", ["zotero://groups/456", "https://www.zotero.org/groups/456/harbour/library"])
def test_a_library_is_named_and_not_uploaded(fake: FakeApi, run: Run, address: str) -> None:
    finished = run("import", address, "--name", "Harbour", "--credential", "harbour", *CHOICE)

    assert finished.code == 0
    assert not fake.puts
    assert fake.submissions[0]["source"] == {
        "kind": "zotero-web",
        "library": "groups/456",
        "collection": None,
        "name": "Harbour",
        "credential": "harbour",
        **CHOSEN,
    }


def test_a_collection_may_be_named_by_its_address(fake: FakeApi, run: Run) -> None:
    assert run("import", "zotero://users/123/collections/ABCD2345", "--name", "Mine").code == 0
    source = fake.submissions[0]["source"]
    assert (source["library"], source["collection"], source["name"]) == ("users/123", "ABCD2345", "Mine")


def test_items_of_an_export_are_chosen_alike(fake: FakeApi, run: Run, export: Path) -> None:
    assert run("import", str(export), *CHOICE).code == 0
    source = fake.submissions[0]["source"]
    assert (source["kind"], {name: source[name] for name in CHOSEN}) == ("zotero", CHOSEN)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("https://example.org/o/r", "--tag", "tides"), "--tag is for Zotero libraries"),
        (("{pdf}", "--type", "book"), "--type is for Zotero libraries"),
        (("zotero://groups/456", "--ref", "main"), "--ref is for git repositories"),
        (("zotero://groups/harbour",), "zotero://groups/NUMBER"),
        (("https://www.zotero.org/somebody/library",), "https://www.zotero.org/settings/keys"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, run: Run, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "tides.pdf").write_bytes(b"%PDF-1.4")
    finished = run("import", *(argument.format(pdf=tmp_path / "tides.pdf") for argument in arguments))

    assert finished.code == 2
    assert told in " ".join(finished.err.split())
