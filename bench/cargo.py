"""Cargo of every other kind to measure with: the same bytes whenever it is made, and no two files alike."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from dulwich.objects import Blob, Commit, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from bench.prose import ENGLISH

NOTES = 1000
LETTERS = 200
ENTRIES = 2000
REPOSITORY_FILES = 5000

_PER_FOLDER = 100
_PACKAGE = {
    "[Content_Types].xml": '<?xml version="1.0"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>',
}


def make_notes(folder: Path, files: int = NOTES) -> None:
    """Markdown, text, HTML and JSON by turns, in folders of a hundred."""
    folder.mkdir()
    for number in range(files):
        suffix, write = _FORMATS[number % len(_FORMATS)]
        path = folder / f"{number // _PER_FOLDER:02}" / f"note-{number:05}.{suffix}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(write(_prose(number)), encoding="utf-8")


def make_letters(folder: Path, files: int = LETTERS) -> None:
    """Word documents of some 6,000 letters each."""
    folder.mkdir()
    for number in range(files):
        paragraphs = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in _prose(number, paragraphs=12))
        document = (
            '<?xml version="1.0"?><w:document '
            'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            f"<w:body>{paragraphs}</w:body></w:document>"
        )
        with zipfile.ZipFile(folder / f"letter-{number:05}.docx", "w") as package:
            for name, content in {**_PACKAGE, "word/document.xml": document}.items():
                package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # dated alike at all times


def make_bibliography(path: Path, entries: int = ENTRIES) -> None:
    """BibTeX with abstracts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number in range(entries):
            title, *abstract = _prose(number)
            file.write(
                f"@article{{key{number},\n  title = {{{title}}},\n  author = {{Specimen{number % 90}, Author}},\n"
                f"  year = {1990 + number % 35},\n  journal = {{Journal of Specimens}},\n"
                f"  abstract = {{{' '.join(abstract)}}}\n}}\n\n"
            )


def make_repository(folder: Path, files: int = REPOSITORY_FILES) -> None:
    """A bare repository of one commit: Python modules, and a page of Markdown in every fifth place."""
    repo = Repo.init_bare(folder, mkdir=True)
    root = Tree()
    for start in range(0, files, _PER_FOLDER):
        branch = Tree()
        for number in range(start, min(start + _PER_FOLDER, files)):
            suffix, text = ("md", _markdown(_prose(number))) if number % 5 == 0 else ("py", _module(number))
            blob = Blob.from_string(text.encode())
            repo.object_store.add_object(blob)
            branch.add(f"part_{number:05}.{suffix}".encode(), stat.S_IFREG | 0o644, blob.id)
        repo.object_store.add_object(branch)
        root.add(f"group_{start // _PER_FOLDER:03}".encode(), stat.S_IFDIR, branch.id)
    repo.object_store.add_object(root)
    commit = Commit()
    commit.tree = root.id
    commit.author = commit.committer = b"Bench <bench@example.org>"
    commit.author_time = commit.commit_time = 1_700_000_000
    commit.author_timezone = commit.commit_timezone = 0
    commit.message = b"all of it"
    repo.object_store.add_object(commit)
    repo.refs[Ref(b"refs/heads/main")] = commit.id
    repo.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(b"refs/heads/main"))


def _prose(number: int, paragraphs: int = 4) -> list[str]:
    """A title, then paragraphs."""
    random = Random(number)
    topic = ENGLISH.topics[number % len(ENGLISH.topics)]
    title = ENGLISH.title(random, topic, number)
    return [
        title,
        *(" ".join(ENGLISH.sentence(random, topic) for _ in range(5)) for _ in range(paragraphs)),
    ]


def _markdown(texts: list[str]) -> str:
    title, *paragraphs = texts
    return f"# {title}\n\n" + "\n\n".join(f"## Part {n}\n\n{text}" for n, text in enumerate(paragraphs, start=1))


def _html(texts: list[str]) -> str:
    title, *paragraphs = texts
    return f"<html><body><h1>{title}</h1>{''.join(f'<p>{text}</p>' for text in paragraphs)}</body></html>"


def _module(number: int) -> str:
    title, *paragraphs = _prose(number, paragraphs=2)
    functions = "".join(
        f'def step_{number}_{n}(cargo):\n    """{text}"""\n    return cargo + {n}\n\n\n'
        for n, text in enumerate(paragraphs)
    )
    return f'"""{title}."""\n\n\n{functions}'


_FORMATS: tuple[tuple[str, Callable[[list[str]], str]], ...] = (
    ("md", _markdown),
    ("txt", "\n\n".join),
    ("html", _html),
    ("json", lambda texts: json.dumps({"title": texts[0], "paragraphs": texts[1:]})),
)
