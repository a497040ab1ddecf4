from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


class Pin(NamedTuple):
    requirement: Requirement
    hashes: list[str]

    @property
    def version(self) -> str:
        [specifier] = self.requirement.specifier
        assert specifier.operator == "=="
        return specifier.version


def pins(name: str) -> dict[str, list[Pin]]:
    """The pins of a lock by name: several where the version depends on the Python."""
    lines = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    found: dict[str, list[Pin]] = {}
    for line in lines:
        if line.startswith("#"):
            continue
        stated, *hashes = re.split(r"\s+--hash=", line.strip())
        requirement = Requirement(stated)
        found.setdefault(canonicalize_name(requirement.name), []).append(Pin(requirement, hashes))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_everything_is_pinned_and_hashed(name: str) -> None:
    for versions in pins(name).values():
        for pin in versions:
            assert pin.version
            assert pin.hashes
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in pin.hashes)


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_or_path_is_recorded(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"(^|\s)(-e|-i|-f|--(extra-)?index-url|--find-links|file:|/)", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-dev.lock", PROJECT["project"]["dependencies"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"]),
        ("requirements-dev.lock", PROJECT["build-system"]["requires"]),
    ],
)
def test_every_dependency_of_the_project_is_locked(name: str, stated: list[str]) -> None:
    locked = pins(name)
    for text in stated:
        requirement = Requirement(text)
        versions = locked[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(pin.version) for pin in versions), text


def test_the_tools_are_tested_with_what_is_shipped() -> None:
    shipped, tested = (
        {package: [pin.version for pin in versions] for package, versions in pins(name).items()} for name in LOCKS
    )
    assert shipped.items() <= tested.items()
