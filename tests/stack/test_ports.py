from __future__ import annotations

import socket

import pytest

from longshore.errors import StackError
from longshore.stack import ports as searching
from longshore.stack.ports import Ports, check_host, require


@pytest.fixture
def taken() -> object:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_stays_the_same_while_it_is_free(taken: int) -> None:
    ports = Ports({"temporal": taken})
    moved = ports.take("temporal")
    assert moved != taken
    assert ports.take("temporal") == moved == Ports(ports.chosen).take("temporal")
    assert ports.take("api") != moved


def test_a_port_that_was_asked_for_and_is_taken_is_named(taken: int) -> None:
    with pytest.raises(StackError, match=f"Port {taken} on 127.0.0.1 is taken") as caught:
        require("127.0.0.1", taken)
    assert caught.value.code == "port_taken"
    assert "LONGSHORE_PORT" in caught.value.hint


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(StackError, match=r"192\.0\.2\.1 cannot be used") as caught:
        require("192.0.2.1", 8000)
    assert caught.value.code == "port_unusable"


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", "::ffff"])
def test_an_address_that_no_port_can_be_had_of_ends_the_search(host: str) -> None:
    for search in (check_host, lambda host: Ports().take("api", host)):
        with pytest.raises(StackError, match="LONGSHORE_HOST") as caught:
            search(host)
        assert caught.value.code == "host_unusable"


def test_the_search_for_a_port_ends(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FIRST", taken)
    monkeypatch.setattr(searching, "LAST", taken)
    with pytest.raises(StackError) as caught:
        Ports().take("api")
    assert caught.value.code == "no_free_port"
