"""The stubs that workflows call and the activities that answer are the same functions by name and by type."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from typing import Any

from temporalio import activity

import activities
from workflows import contracts
from workflows.contracts import comparisons


def definitions(holder: Any) -> dict[str, Callable[..., Any]]:
    """Everything in a module or class that is an activity, by its name."""
    found = {}
    for _, member in inspect.getmembers(holder, callable):
        definition = activity._Definition.from_callable(member)
        if definition and definition.name:
            found[definition.name] = member
    return found


def holders() -> Iterator[type]:
    """Every class of the package that holds activities."""
    for module in pkgutil.iter_modules(activities.__path__, "activities."):
        loaded = importlib.import_module(module.name)
        for _, member in inspect.getmembers(loaded, inspect.isclass):
            if member.__module__ == module.name:
                yield member


def types(function: Callable[..., Any]) -> list[Any]:
    return list(typing.get_type_hints(function).values())


def test_every_stub_is_implemented_with_the_same_types() -> None:
    stubs = definitions(contracts) | definitions(comparisons)
    implemented: dict[str, Callable[..., Any]] = {}
    for holder in holders():
        implemented |= definitions(holder)
    assert stubs.keys() == implemented.keys()
    assert {name: types(stub) for name, stub in stubs.items()} == {
        name: types(function) for name, function in implemented.items()
    }
