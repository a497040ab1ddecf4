from __future__ import annotations

import hashlib
import importlib
from importlib.metadata import version

import pytest

from longshore.parsing import chunking
from longshore.parsing import version as version_module
from longshore.parsing.chunking import cut
from longshore.parsing.code.reader import read_code
from longshore.parsing.inline import parse_text
from longshore.parsing.lines import flow
from longshore.parsing.markdown import read_markdown
from longshore.parsing.reading import clean
from longshore.parsing.records import read_json, read_table
from tests.parsing.conftest import KOREAN_SENTENCE, SENTENCE

PAGE = f"""<title>Window</title><h1>Heading</h1><p>doi:10.1000/own {SENTENCE * 12}</p><ul><li>one<li>two</ul>
<p>{KOREAN_SENTENCE * 3}</p><h2>References</h2><p>10.1000/A, 10.1000/b(1)</p>"""
RECORDED = (8, "8836a363058b0cac")
"""The revision, and what it makes of the texts here."""


def test_the_version_names_every_library_that_decides() -> None:
    for library in ("pypdfium2", "selectolax", "charset-normalizer", "semantic-text-splitter"):
        assert f"{library}={version(library)}" in version_module.parser_version.split(";")


@pytest.mark.parametrize("setting", ["LATIN_BUDGET", "CJK_BUDGET", "CJK_SHARE"])
def test_another_chunker_setting_is_another_version(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    before = version_module.parser_version
    with monkeypatch.context() as patch:
        patch.setattr(chunking, setting, 7)
        assert importlib.reload(version_module).parser_version != before
    assert importlib.reload(version_module).parser_version == before


def test_another_output_is_another_revision() -> None:
    lines = "A heading\nThe first line of a paragraph goes\non in the second, as long as that, and\nends.\n\ufb01ne"
    digest = hashlib.sha256()
    for parsed in (
        parse_text(PAGE, "text/html"),
        parse_text(flow(clean(lines)) + SENTENCE * 30, "text/plain"),
        cut(read_markdown(f"# One\n\n[a](b.md)\n\n## Two\n\n{SENTENCE * 12}\n\n## Three\n\nwords".encode(), "x.md")),
        cut(read_code(b"import a\n\nclass B:\n    def c(self): pass\n\n\ndef d(): pass\n", "x.py")),
        cut(read_json(b'[{"a": 1, "b": [true, null]}, {"c": {"d": "e"}}]', "x.json")),
        cut(read_table(b"a,b\n1,2\n", "x.csv")),
    ):
        digest.update(parsed.model_dump_json().encode())
    assert (version_module.REVISION, digest.hexdigest()[:16]) == RECORDED, "raise REVISION, then record both here"
