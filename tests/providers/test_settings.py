"""`providers.toml`, right and wrong."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from longshore.errors import LongshoreError
from longshore.providers.refusals import ProviderRefusal
from longshore.providers.secrets import resolve
from longshore.providers.settings import read_providers
from longshore.settings import Settings

WHOLE = """
[embedding.openai]
kind = "openai"
model = "text-embedding-3-small"
dimensions = 512
shorten = true
secret = "env:OPENAI_API_KEY"
price_per_million = 0.02
limits = { rps = 50, tokens_per_minute = 1_000_000, tokens_per_day = 100_000_000 }

[embedding.local]
kind = "openai"
base_url = "http://127.0.0.1:11434/v1/"
model = "nomic-embed-text"
dimensions = 768

[extraction.azure]
kind = "azure"
base_url = "https://example.openai.azure.com/openai/deployments/small"
api_version = "2024-10-21"
model = "small"
secret = "file:/run/secrets/azure"
temperature = "default"
price_per_million_in = 0.4
price_per_million_out = 2
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "providers.toml"


def reason(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(LongshoreError) as caught:
        read_providers(file)
    assert caught.value.code == "bad_providers"
    return str(caught.value)


def test_a_file_names_providers_of_both_kinds(file: Path) -> None:
    file.write_text(WHOLE)
    providers = read_providers(file)
    openai, local, azure = *providers.embedding.values(), providers.extraction["azure"]
    assert (openai.name, openai.base_url, openai.limits.rps) == ("openai", "https://api.openai.com/v1", 50)
    assert openai.price_per_million == Decimal("0.02")
    assert (openai.key, local.key) == ("text-embedding-3-small@512", "nomic-embed-text@768")
    assert openai.cost(3_000_000) == Decimal("0.06")
    assert azure.cost(2_000_000, 500_000) == Decimal("1.8")
    assert (local.base_url, local.secret, local.items) == ("http://127.0.0.1:11434/v1", None, 96)
    assert (azure.temperature, azure.secret) == ("default", "file:/run/secrets/azure")


@pytest.mark.parametrize(
    ("fields", "items"),
    [
        ('dimensions = 1536\nkind = "openai"', 96),
        ('dimensions = 1024\nkind = "voyage"', 256),
        ('dimensions = 256\nkind = "openai"\nmax_items = 2048', 2048),
        ('dimensions = 4000\nkind = "openai"\nmax_items = 2048', 131),
    ],
)
def test_an_answer_has_no_more_vectors_than_a_worker_can_read(file: Path, fields: str, items: int) -> None:
    file.write_text(f'[embedding.a]\nmodel = "m"\n{fields}\n')
    assert read_providers(file).embedding["a"].items == items


@pytest.mark.parametrize(
    ("fields", "requests", "of_an_import"),
    [
        ("", 4, 16),
        ("limits = { rps = 0.5 }", 4, 16),
        ("limits = { rps = 10 }", 20, 40),
        ("limits = { rps = 500 }", 64, 128),
        ("limits = { rps = 500 }\nat_once = 2", 2, 16),
    ],
)
def test_as_many_requests_are_under_way_as_a_rate_needs(
    file: Path, fields: str, requests: int, of_an_import: int
) -> None:
    file.write_text(f'[extraction.one]\nkind = "openai"\nmodel = "m"\n{fields}\n')
    provider = read_providers(file).extraction["one"]
    assert (provider.slots, provider.at_once_in("shelf"), provider.at_once_in("shelf~a")) == (requests, of_an_import, 4)


def test_no_file_means_no_providers(file: Path) -> None:
    assert not read_providers(file).embedding


def test_the_file_lies_in_the_home_or_where_the_environment_says(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).providers_file == tmp_path / "providers.toml"
    assert Settings(home=tmp_path, providers=Path("/etc/p.toml")).providers_file == Path("/etc/p.toml")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('kind = "other"', "embedding.a.kind: Input should be 'openai', 'azure', 'cohere' or 'voyage'"),
        ('base_url = "ftp://example.org"', "embedding.a.base_url: is not a URL"),
        ('base_url = "https://me:canary-7@example.org/v1"', "embedding.a.base_url: must hold neither credentials"),
        ('base_url = "https://example.org/v1?key=canary-7"', "embedding.a.base_url: must hold neither credentials"),
        ('secret = "canary-7"', "embedding.a.secret: must be env:NAME or file:/PATH"),
        ('secret = "file:relative"', "embedding.a.secret: must be env:NAME or file:/PATH"),
        ('api_version = "2024-10-21"', "embedding.a: needs api_version with the kind azure"),
        ('api_key = "canary-7"', "embedding.a.api_key: Extra inputs are not permitted"),
        ("dimensions = 0", "embedding.a.dimensions"),
        ("dimensions = 'canary-7'", "embedding.a.dimensions"),
        ('model = "two words"', "embedding.a.model"),
        ('model = "canary-7" "canary-7"', "it is no TOML (line "),
    ],
)
def test_what_is_wrong_is_told_by_its_place_and_never_repeated(file: Path, line: str, told: str) -> None:
    name = line.partition(" ")[0]
    fields = {"kind": '"openai"', "model": '"m"', "dimensions": "3"}
    fields.pop(name, None)
    rest = "\n".join(f"{key} = {value}" for key, value in fields.items())
    text = reason(file, f"[embedding.a]\n{line}\n{rest}\n")
    assert told in text
    assert "canary" not in text


def test_azure_has_no_address_of_its_own(file: Path) -> None:
    fields = 'kind = "azure"\napi_version = "2024-10-21"\nmodel = "m"\ndimensions = 3\n'
    assert "embedding.a.base_url: is not a URL" in reason(file, f"[embedding.a]\n{fields}")


def test_a_local_model_lies_at_a_whole_path(file: Path) -> None:
    assert "local.m.folder: must be a whole path" in reason(file, '[local.m]\nfolder = "models/m"\n')


def test_no_two_embedders_have_one_name(file: Path) -> None:
    one = '[embedding.m]\nkind = "openai"\nmodel = "m"\ndimensions = 3\n'
    assert "both name m" in reason(file, one + '[local.m]\nfolder = "/srv/m"\n')


def test_a_name_that_cannot_name_a_queue_is_refused(file: Path) -> None:
    assert "should match pattern" in reason(file, '[embedding."A b"]\nkind = "openai"\nmodel = "m"\ndimensions = 3\n')


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(LongshoreError, match="cannot be read"):
        read_providers(file)


def test_a_key_is_read_anew_each_time_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "key"
    place.write_text("canary-7\n")
    assert resolve(f"file:{place}", "some").get_secret_value() == "canary-7"
    assert "canary" not in repr(resolve(f"file:{place}", "some"))
    place.write_text("changed")
    assert resolve(f"file:{place}", "some").get_secret_value() == "changed"
    monkeypatch.setenv("SOME_KEY", " canary-7 ")
    assert resolve("env:SOME_KEY", "some").get_secret_value() == "canary-7"


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", "schlüssel".encode(), b"a\x00b", b"a\r\nb: c"])
def test_what_cannot_be_a_key_is_refused_without_being_shown(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "key"
    place.write_bytes(content)
    with pytest.raises(ProviderRefusal) as caught:
        resolve(f"file:{place}", "some")
    assert caught.value.reason == "unauthorised"
    assert os.fspath(place) in str(caught.value)
    assert "two words" not in str(caught.value)


FALLBACK = """
[embedding.openai]
kind = "openai"
model = "m"
dimensions = 256
fallback = "spare"

[embedding.spare]
kind = "openai"
base_url = "http://127.0.0.1:11434/v1/"
model = "{model}"
dimensions = 256
{more}
"""


def test_a_fallback_makes_the_same_vectors(file: Path) -> None:
    file.write_text(FALLBACK.format(model="m", more='fallback = "openai"'))
    assert read_providers(file).embedding["openai"].fallback == "spare"
    assert "vectors are others: n@256, not m@256" in reason(file, FALLBACK.format(model="n", more=""))
    file.write_text(FALLBACK.format(model="n", more='stored_as = "m@256"'))
    assert read_providers(file).embedding["spare"].key == "m@256"


def test_a_fallback_is_another_table_of_the_same_sort(file: Path) -> None:
    table = '[extraction.a]\nkind = "openai"\nmodel = "m"\nfallback = "{}"'
    assert "there is no extraction.openai" in reason(file, WHOLE + table.format("openai"))
    assert "which is itself" in reason(file, table.format("a"))
