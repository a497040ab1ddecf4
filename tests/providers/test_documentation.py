"""What the page about providers shows can be used as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from longshore.dev.script import Script, Trick
from longshore.extraction.facts import ENTITY_KINDS, RELATION_KINDS
from longshore.providers.refusals import RefusalCode
from longshore.providers.settings import EmbeddingProvider, ExtractionProvider, LocalModel, read_providers

PAGE = (Path(__file__).parents[2] / "docs" / "providers.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_its_providers_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text(block("toml"))
    providers = read_providers(file)
    assert {provider.kind for provider in providers.embedding.values()} == {"openai", "azure", "cohere", "voyage"}
    assert (len(providers.local), len(providers.extraction)) == (1, 3)


def test_its_script_can_be_followed() -> None:
    assert len(Script.model_validate_json(block("json")).rules) == 5


@pytest.mark.parametrize("model", [EmbeddingProvider, ExtractionProvider, LocalModel])
def test_it_names_every_setting(model: type[BaseModel]) -> None:
    assert {name for name in model.model_fields if f"`{name}`" not in PAGE and f"\n{name} = " not in PAGE} == {"name"}


def test_it_names_every_refusal_trick_and_kind() -> None:
    names = [*get_args(RefusalCode), *get_args(Trick), *RELATION_KINDS]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
    assert [kind for kind in ENTITY_KINDS if kind not in PAGE] == []
