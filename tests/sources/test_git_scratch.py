"""Folders for what is fetched, when those who use them are killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from longshore.sources.git.scratch import scratch

HOLDER = """
import sys
from longshore.sources.git.scratch import scratch
with scratch() as folder:
    (folder / "pack").write_text("half of it")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_the_folder_of_a_killed_worker_goes_with_the_next_one_and_no_other_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    others = tmp_path / "longshore-git-elsewhere"
    others.symlink_to(tmp_path.parent)
    holders = [holder(tmp_path) for _ in range(2)]
    folders = [Path(process.stdout.readline().strip()) for process in holders if process.stdout]
    killed, living = holders
    killed.kill()
    killed.communicate()

    with scratch() as own:
        assert own.is_dir()
        assert [folder.exists() for folder in folders] == [False, True]
        assert others.is_symlink()

    assert not own.exists()
    living.communicate()
    assert not folders[1].exists(), "who ends in order takes it along"


def holder(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        env={"TMPDIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
