"""Which addresses a repository may be fetched from, and where its credential goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from longshore.errors import InvalidSource
from longshore.sources.git import parse_location
from longshore.sources.git.credentials import find_credential
from longshore.sources.git.network import addresses_of, check, is_public


def test_a_credential_is_refused_where_it_is_not_meant_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "credentials.toml"

    def code(name: str, project: str, url: str) -> str:
        with pytest.raises(InvalidSource) as refusal:
            find_credential(kept, name, project, url)
        assert "open-sesame" not in f"{refusal.value} {refusal.value.hint}"
        return refusal.value.code

    assert code("harbour", "docks", "https://example.org/o/r") == "credential_unknown"
    kept.write_text(
        '[harbour]\nurl = "https://example.org/o"\ntoken = "env:NO_SUCH_TOKEN"\nprojects = ["docks"]\n'
        f'[filed]\nurl = "https://example.org/"\ntoken = "file:{tmp_path}/token"\n'
    )
    assert code("harbour", "other", "https://example.org/o/r") == "credential_unknown"
    assert code("harbour", "docks", "https://example.org.evil.example/o/r") == "credential_elsewhere"
    assert code("harbour", "docks", "https://example.org/other/r") == "credential_elsewhere"
    assert code("harbour", "docks", "https://example.org:444/o/r") == "credential_elsewhere"
    assert code("harbour", "docks", "https://example.org/o/r") == "credential_unusable"
    (tmp_path / "token").write_text("open-sesame\n")
    found = find_credential(kept, "filed", "docks", "https://example.org/o/r")
    assert found.token == "open-sesame"
    assert "open-sesame" not in repr(found)
    kept.write_text('[harbour]\nurl = "https://example.org/o"\ntoken = "open-sesame"\n')
    assert code("harbour", "docks", "https://example.org/o/r") == "credential_unusable"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("git@example.org:o/r.git", "https://example.org/o/r.git"),
        ("https://user:secret@example.org/o/r", "credential"),
        ("https://token@example.org/o/r", "credential"),
        ("file://example.org/o/r", "https://"),
        ("file:///srv/../etc", "file:///"),
        ("file:///", "file:///"),
        ("ext::sh -c touch% /tmp/x", "https://"),
        ("--upload-pack=touch /tmp/x", "https://"),
        ("ssh://example.org/o/r", "https://"),
        ("git://example.org/o/r", "https://"),
        ("https://example.org", "https://"),
        ("https://example.org/o/r?x=1", "https://"),
        ("https://example.org/o/r#x", "https://"),
        ("https://example.org/o/../r", "https://"),
        ("https://example.org/o/%2e%2e/r", "https://"),
        ("https://example.org:99999/o/r", "https://"),
        ("https://exa mple.org/o/r", "https://"),
        ("https://example.org/o\nHost: evil/r", "https://"),
        ("https:///o/r", "https://"),
        ("", "https://"),
        ("https://example.org/" + "a" * 2000, "https://"),
    ],
)
def test_urls_that_are_not_taken_say_what_to_write(text: str, told: str) -> None:
    with pytest.raises(InvalidSource) as refusal:
        parse_location(text)
    assert refusal.value.code == "bad_repository_url"
    assert told in refusal.value.hint
    assert "secret" not in f"{refusal.value} {refusal.value.hint}"


def test_a_location_has_one_spelling() -> None:
    assert parse_location(" https://Example.ORG:443/O/R.git/ ").url == "https://example.org/O/R.git"
    assert parse_location("https://example.org/O/R.git").name == "example.org/O/R"
    assert parse_location("https://bücher.example/r").host == "xn--bcher-kva.example"
    assert parse_location("https://[2001:db8::1]/r").url == "https://[2001:db8::1]/r"


@pytest.mark.parametrize(
    "url", ["http://example.org/r", "https://example.org:8443/r", "http://127.0.0.1/r", "https://127.0.0.1:8443/r"]
)
def test_other_ways_are_the_operators_to_open(url: str) -> None:
    location = parse_location(url)
    with pytest.raises(InvalidSource, match="https at port 443"):
        check(location, ())
    assert check(location, (location.host,))
    assert check(location, (f"{location.host}:{location.port}",))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "localhost",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(host: str) -> None:
    with pytest.raises(InvalidSource) as refusal:
        addresses_of(host, 443, private=False)
    assert refusal.value.code in ("address_refused", "host_unknown")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("198.18.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:93.184.215.14", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("ff02::1", False),
    ],
)
def test_public_addresses_are_those_that_stand_for_themselves(address: str, public: bool) -> None:
    assert is_public(address) is public
