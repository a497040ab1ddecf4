from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.project.environment import settings_variables

ROOT = Path(__file__).parents[2]
IGNORED = {".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line)}
HERE = Path(__file__).name


def texts() -> Iterator[tuple[Path, str]]:
    """The project's own text files: those that .gitignore does not name."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in IGNORED]
        for path in (Path(folder, name) for name in names if name not in IGNORED):
            with suppress(UnicodeDecodeError):
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def imported(module: Path) -> set[str]:
    """The top-level names of what a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_make_help_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True)
    assert shown.returncode == 0
    explained = dict(re.findall(r"^  make (\w+) +(\S.*)$", shown.stdout, re.MULTILINE))
    assert explained.keys() == set(phony[1].split()) - {"FORCE"}


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test"]
    assert "make test" in (ROOT / "README.md").read_text()


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    path = re.compile(r"(?<![\w.$}/])/(?:work|root|Users|mnt|tmp/[\w.]+)/|/home/(?!temporal\b)\w+/")
    found = [f"{file}: {match[0]}" for file, text in texts() if file.name != HERE and (match := path.search(text))]
    assert found == []


@pytest.mark.parametrize("module", sorted((ROOT / "workflows").rglob("*.py")), ids=lambda path: path.stem)
def test_workflows_import_the_standard_library_temporalio_and_pydantic_only(module: Path) -> None:
    assert imported(module) <= sys.stdlib_module_names | {"pydantic", "temporalio", "workflows"}


def test_the_operators_page_names_every_setting() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    named = set(re.findall(r"^\| `((?:LONGSHORE|TEMPORAL)_\w+)`", page, re.MULTILINE))
    assert named == settings_variables()


def test_links_between_documents_lead_somewhere() -> None:
    for page in (path for path, _ in texts() if path.suffix == ".md"):
        for target in re.findall(r"\]\((?!\w+:|#)([^)#]+)", (ROOT / page).read_text()):
            assert (ROOT / page.parent / target).exists(), f"{page} points to {target}"
