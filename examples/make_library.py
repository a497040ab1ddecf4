"""Writes the example library as Zotero would export it: `python -m examples.make_library [FOLDER]`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from examples import typeset
from examples.entries import rdf

HERE = Path(__file__).parent
SNAPSHOT = """<!DOCTYPE html>
<html lang="en">
<head><title>What a Progress Bar Owes Its Reader</title></head>
<body>
<nav>Home | Archive | About</nav>
<article>
<h1>What a Progress Bar Owes Its Reader</h1>
<p>A progress bar makes a promise. It says that something is being done, how much of it, and that the rest will come.
Most bars break all three promises, and the third one most politely: they stand still at ninety-nine.</p>
<p>A bar owes its reader four things. It must never move backwards. It must reach its end exactly when the work does,
and not before. When nothing happens it must say why. And after the reader has closed the lid of the laptop and opened
it again in another country, it must show the same number as the bar in the office, because there is only one truth
to be shown.</p>
<p>I once watched a bar for an import of 96 files that had been finished, wrongly, after six. The bar was full. It had
counted only what it had looked at, and it had looked at one folder. Completeness is a property of the question as much
as of the answer.</p>
</article>
</body>
</html>
"""


def make_library(target: Path) -> None:
    """Writes `library.rdf` and `files/` into an empty or new folder."""
    _write_files(target / "files")
    (target / "library.rdf").write_text(rdf(), encoding="utf-8")


def _write_files(files: Path) -> None:
    def place(path: str) -> Path:
        target = files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def paper(
        name: str, path: str, authors: str, columns: int = 1, font: str = "Times-Roman", password: str | None = None
    ) -> None:
        words = (HERE / "texts" / f"{name}.txt").read_text(encoding="utf-8")
        typeset.typeset(words, place(path), authors=authors, columns=columns, font=font, password=password)

    paper(
        "durable-workflows",
        "201/Example and Placeholder - 2023 - Durable Workflows.pdf",
        "A. Example, J. Placeholder",
        2,
    )
    paper("rate-limits", "202/Placeholder and Example - 2024 - Rate Limits.pdf", "J. Placeholder, A. Example")
    paper("provenance", "203/Sample and Placeholder - 2023 - Provenance.pdf", "S. Sample, J. Placeholder", 2)
    paper("hybrid-retrieval", "204/Example - 2024 - Hybrid Retrieval.pdf", "A. Example", 2)
    paper("idempotence", "205/Idempotence.pdf", "R. Specimen, S. Sample")
    paper("exactly-once", "206/Specimen - 2021 - Exactly-Once “Effects”.pdf", "R. Specimen")
    paper("korean-bigrams", "207/홍길동 - 2022 - 음절 바이그램 색인.pdf", "홍길동, 김예시", font=typeset.KOREAN)
    paper("backpressure", "209/Backpressure.pdf", "Queue Office", password="example")
    paper("korean-restart", "213/Full Text.pdf", "김예시", font=typeset.KOREAN)
    paper("states-glossary", "215/Full Text.pdf", "Longshore")
    typeset.scan((HERE / "texts/minutes.txt").read_text(encoding="utf-8"), place("210/scan0001.pdf"))
    shutil.copyfile(files / "203/Sample and Placeholder - 2023 - Provenance.pdf", place("208/Full Text.pdf"))
    place("212/what-a-progress-bar-owes-its-reader.html").write_text(SNAPSHOT, encoding="utf-8")


if __name__ == "__main__":
    make_library(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "library")
