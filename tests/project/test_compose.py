"""No Docker engine runs in the tests, so the structure of the image and of the composition is read instead."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from longshore.settings import Settings
from tests.project.environment import settings_variables

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("api", "worker")
LIBPQ = {"PGPASSWORD"}


def interpolated(value: str, **given: str) -> str:
    """What Compose makes of `${NAME:-default}` and `${NAME:?message}`."""
    return re.sub(r"\$\{(\w+):[-?]([^}]*)\}", lambda found: given.get(found[1], found[2]), value)


def instructions(name: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def test_every_part_of_the_stack_is_a_service() -> None:
    assert {"postgres", "temporal", *OURS} <= SERVICES.keys()
    assert "pgvector" in SERVICES["postgres"]["image"]
    assert [SERVICES[name]["command"] for name in OURS] == [["python", "-m", "api"], ["python", "-m", "worker"]]


@pytest.mark.parametrize("image", [s["image"] for s in SERVICES.values() if "build" not in s] + instructions("FROM"))
def test_images_are_pinned_to_a_release(image: str) -> None:
    tag = image.split(" ")[0].rpartition(":")[2]
    assert re.match(r"\d+\.\d+\.\d+", tag)


@pytest.mark.parametrize("name", [name for name in SERVICES if SERVICES[name].get("restart") == "unless-stopped"])
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    if name == "api":
        assert "/healthz" in instructions("HEALTHCHECK")[0]
    else:
        assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", OURS)
def test_our_processes_wait_until_their_servers_are_healthy(name: str) -> None:
    conditions = {server: wait["condition"] for server, wait in SERVICES[name]["depends_on"].items()}
    assert conditions["postgres"] == conditions["temporal"] == "service_healthy"
    assert all(wait == "service_completed_successfully" for server, wait in conditions.items() if "-" in server)


def test_workers_can_be_scaled() -> None:
    assert not SERVICES["worker"].keys() & {"container_name", "hostname", "ports"}
    assert all("container_name" not in service for service in SERVICES.values())


def test_everything_is_published_on_loopback_only() -> None:
    published = [str(port) for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", interpolated(port)) for port in published)
    assert all("network_mode" not in service for service in SERVICES.values())
    assert "ports" not in SERVICES["postgres"]


def test_state_lies_on_named_volumes_and_blobs_are_shared() -> None:
    mounts = {name: dict(v.split(":") for v in service.get("volumes", [])) for name, service in SERVICES.items()}
    assert {volume for mount in mounts.values() for volume in mount} == COMPOSE["volumes"].keys()
    assert mounts["api"] == mounts["worker"] == {"blobs": SERVICES["api"]["environment"]["LONGSHORE_BLOBS"]}
    assert mounts["postgres"] == {"postgres": "/var/lib/postgresql"}
    database = next(part for part in SERVICES["temporal"]["command"] if part.startswith("--db-filename="))
    assert database.removeprefix("--db-filename=").startswith(mounts["temporal"]["temporal"] + "/")


@pytest.mark.parametrize("name", OURS)
def test_the_environment_is_what_the_settings_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split())
    ours = {key: value for key, value in image.items() if key.startswith("LONGSHORE_")}
    ours |= {key: interpolated(value) for key, value in SERVICES[name]["environment"].items()}
    assert ours.keys() <= settings_variables() | LIBPQ
    for variable in settings_variables():
        monkeypatch.delenv(variable, raising=False)
    for key, value in ours.items():
        monkeypatch.setenv(key, value)
    settings = Settings()
    assert settings.database_url == "postgresql://longshore@postgres:5432/longshore"
    assert settings.temporal_address == "temporal:7233"
    assert settings.temporal_ui == "http://127.0.0.1:8233"
    assert settings.blob_url == "/var/lib/longshore/blobs"
    assert (settings.host == "0.0.0.0") == (name == "api")
    assert settings.port == 8000


def test_passwords_come_from_the_environment_and_have_no_default() -> None:
    secrets = [
        value
        for service in SERVICES.values()
        for key, value in service.get("environment", {}).items()
        if "PASSWORD" in key
    ]
    assert len(secrets) == 3
    assert all(re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?.+\}", value) for value in secrets)
    assert re.search(r"^POSTGRES_PASSWORD=$", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_the_api_demands_keys_and_shares_what_is_signed_with() -> None:
    environment = SERVICES["api"]["environment"]
    port = interpolated(SERVICES["api"]["ports"][0]).split(":")[1]
    assert interpolated(environment["LONGSHORE_PUBLIC_URL"]) == f"http://127.0.0.1:{port}"
    keys = {SERVICES[name]["environment"]["LONGSHORE_SECRET_KEY"] for name in OURS}
    assert len(keys) == 1
    assert re.fullmatch(r"\$\{LONGSHORE_SECRET_KEY:\?.+\}", keys.pop())
    example = (ROOT / ".env.example").read_text()
    assert re.search(r"^LONGSHORE_SECRET_KEY=$", example, re.MULTILINE)
    assert f"LONGSHORE_PUBLIC_URL=http://127.0.0.1:{port}" in example


def test_the_example_environment_names_every_variable() -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    offered = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert used == offered


def test_the_engine_registers_the_search_attributes_of_imports() -> None:
    registered = {part for part in SERVICES["temporal"]["command"] if part.startswith("--search-attribute=")}
    assert registered == {f"--search-attribute=Longshore{name}=Keyword" for name in ("State", "Kind", "Project")}


def test_the_image_is_built_in_stages_from_the_hashed_lock_and_runs_unprivileged() -> None:
    assert len(instructions("FROM")) == 2
    assert instructions("USER") == ["longshore"]
    installs = re.findall(r"pip install [^&]*", "\n".join(instructions("RUN")))
    assert installs
    assert all("--require-hashes" in command or "--no-index" in command for command in installs)


def test_the_build_context_holds_what_the_wheel_needs_and_no_more() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    kept = {line[1:] for line in lines if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert (
        packages | {"web", "LICENSE", "README.md", "pyproject.toml", "requirements.lock", "requirements-dev.lock"}
        == kept
    )
