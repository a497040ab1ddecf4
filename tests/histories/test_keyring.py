"""Keys of histories: where they come from, what they open, and what is said when they do not."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from longshore.errors import StackError
from longshore.histories.keyring import KEY_BYTES, HistoryUnreadable, Keyring, Sealed
from longshore.settings import Settings

OLD, NEW = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)


@given(st.binary(max_size=200))
def test_what_is_sealed_can_be_opened_and_looks_different_each_time(text: bytes) -> None:
    ring = Keyring({"old": OLD})
    one, other = ring.seal(text), ring.seal(text)

    assert one.content != other.content
    assert len(text) < 8 or text not in one.content
    assert ring.open(one) == ring.open(other) == text


def test_the_first_key_writes_and_every_key_reads() -> None:
    before = Keyring({"old": OLD}).seal(b"cargo")
    rotated = Keyring({"new": NEW, "old": OLD})

    assert rotated.open(before) == b"cargo"
    assert rotated.seal(b"cargo").key_id == "new"


@pytest.mark.parametrize(
    ("keys", "code"),
    [({}, "history_key_missing"), ({"new": NEW}, "history_key_missing"), ({"old": NEW}, "history_damaged")],
)
def test_another_key_opens_nothing_and_says_which_is_missing(keys: dict[str, bytes], code: str) -> None:
    sealed = Keyring({"old": OLD}).seal(b"cargo")

    with pytest.raises(HistoryUnreadable, match=r"the key old|called old") as refused:
        Keyring(keys).open(sealed)

    assert refused.value.code == code


@pytest.mark.parametrize("change", ["flip", "cut", "empty", "other id"])
def test_what_was_changed_is_not_opened(change: str) -> None:
    ring = Keyring({"old": OLD, "twin": OLD})
    key_id, content = ring.seal(b"cargo")
    changed = {
        "flip": Sealed(key_id, content[:-1] + bytes([content[-1] ^ 1])),
        "cut": Sealed(key_id, content[:20]),
        "empty": Sealed(key_id, b""),
        "other id": Sealed("twin", content),
    }[change]

    with pytest.raises(HistoryUnreadable) as refused:
        ring.open(changed)

    assert refused.value.code == "history_damaged"


def test_keys_are_read_from_where_the_setting_points_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").write_text(base64.b64encode(OLD).decode() + "\n")
    monkeypatch.setenv("HISTORY_KEY", base64.b64encode(NEW).decode())

    ring = Keyring.of(Settings(history_keys=f"2026-11=env:HISTORY_KEY, 2026-05=file:{tmp_path}/old"))

    assert ring.seal(b"cargo").key_id == "2026-11"
    assert ring.open(Keyring({"2026-05": OLD}).seal(b"cargo")) == b"cargo"
    assert not Keyring.of(Settings())


@pytest.mark.parametrize("content", ["", "c2hvcnQ=", "not base64 at all", "ä" * 44, "A" * 43])
def test_a_key_that_is_none_is_refused_and_not_repeated(tmp_path: Path, content: str) -> None:
    place = tmp_path / "key"
    place.write_text(content)

    with pytest.raises(StackError) as refused:
        Keyring.of(Settings(history_keys=f"k1=file:{place}"))

    assert refused.value.code == "history_key_invalid"
    assert "k1" in str(refused.value)
    assert not content or content not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["env:KEY", "k1=KEY", "k1=" + base64.b64encode(OLD).decode(), "k 1=env:KEY", "k1=env:A,k1=env:B", "k1=file:rel"],
    ids=["no name", "no place", "the key itself", "space in the name", "named twice", "relative path"],
)
def test_a_setting_that_points_nowhere_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(history_keys=text)

    assert base64.b64encode(OLD).decode() not in str(refused.value.errors()[0]["msg"])
