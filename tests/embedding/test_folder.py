"""A folder of the user's own with a vector for each token, as model2vec writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from longshore.embedding.base import Embedder
from longshore.embedding.folder import FolderEmbedder
from longshore.errors import LongshoreError
from longshore.providers.settings import LocalModel

WORDS = ["[UNK]", "durable", "execution", "graph", "지식", "그래프"]
ROWS = np.random.default_rng(7).standard_normal((len(WORDS), 8)).astype(np.float32)
TEXTS = ["Durable execution", "지식 그래프 xyz", "unheard of", "graph graph GRAPH durable", ""]


def written(folder: Path, **tensors: NDArray[Any]) -> LocalModel:
    folder.mkdir()
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(3)
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(tensors or {"embeddings": ROWS}, folder / "model.safetensors")
    return LocalModel(name="mine", folder=folder)


def unit(rows: NDArray[Any]) -> NDArray[Any]:
    total = rows.sum(axis=0)
    return np.asarray(total / np.linalg.norm(total))


def test_a_text_is_the_mean_of_its_known_tokens(tmp_path: Path) -> None:
    embedder: Embedder = FolderEmbedder(written(tmp_path / "m"))
    vectors = embedder.embed(TEXTS)
    assert (vectors.shape, embedder.dimensions) == ((5, 8), 8)
    assert vectors.dtype == np.float32
    assert vectors[0] == pytest.approx(unit(ROWS[[1, 2]]), abs=1e-6)
    assert vectors[1] == pytest.approx(unit(ROWS[[4, 5]]), abs=1e-6)
    assert not vectors[2].any()
    assert vectors[3] == pytest.approx(unit(ROWS[[3, 3, 3, 1]]), abs=1e-6)  # beyond what its own settings cut off
    assert not vectors[4].any()


def test_a_vector_depends_on_its_text_alone(tmp_path: Path) -> None:
    embedder = FolderEmbedder(written(tmp_path / "m"))
    many = embedder.embed(TEXTS * 40)
    assert all((row == embedder.embed([text])[0]).all() for row, text in zip(many, TEXTS * 40, strict=True))


def test_tokens_can_share_vectors_and_have_weights(tmp_path: Path) -> None:
    mapping, weights = np.array([0, 1, 1, 2, 0, 2]), np.array([1, 2, 3, 4, 5, 6], dtype=np.float32)
    embedder = FolderEmbedder(written(tmp_path / "m", embeddings=ROWS[:3], mapping=mapping, weights=weights))
    assert embedder.embed(["durable graph"])[0] == pytest.approx(unit(np.stack([2 * ROWS[1], 4 * ROWS[2]])), abs=1e-6)


@pytest.mark.parametrize("kind", ["float16", "int8"])
def test_they_may_be_kept_small(tmp_path: Path, kind: str) -> None:
    rows = (ROWS * 30).astype(kind)
    embedder = FolderEmbedder(written(tmp_path / "m", embeddings=rows))
    expected = unit(rows[[1, 2]].astype(float))
    assert embedder.embed(["durable execution"])[0] == pytest.approx(expected, abs=1e-6)


def test_the_name_stands_for_exactly_these_files(tmp_path: Path) -> None:
    one, same = FolderEmbedder(written(tmp_path / "a")), FolderEmbedder(written(tmp_path / "b"))
    other = FolderEmbedder(written(tmp_path / "c", embeddings=ROWS * 2))
    assert one.model == same.model != other.model
    assert one.model.startswith("mine@8-")


@pytest.mark.parametrize(
    "tensors",
    [
        {"vectors": ROWS},
        {"embeddings": ROWS[:-1]},
        {"embeddings": ROWS[0]},
        {"embeddings": ROWS, "mapping": np.array([0, 1, 2])},
        {"embeddings": ROWS, "mapping": np.array([0, 1, 2, 3, 4, 99])},
        {"embeddings": ROWS, "mapping": np.array([0, 1, 2, 3, 4, -1])},
        {"embeddings": ROWS, "weights": np.ones(2)},
    ],
)
def test_a_model_that_would_fail_later_fails_at_once(tmp_path: Path, tensors: dict[str, NDArray[Any]]) -> None:
    with pytest.raises(LongshoreError) as caught:
        FolderEmbedder(written(tmp_path / "m", **tensors))
    assert caught.value.code == "bad_model"


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"", b"\xff" * 100, b"\x10\0\0\0\0\0\0\0" + b'{"embeddings":7}'])
def test_a_folder_without_a_model_is_told(tmp_path: Path, name: str, content: bytes | None) -> None:
    local = written(tmp_path / "m")
    if content is None:
        (local.folder / name).unlink()
    else:
        (local.folder / name).write_bytes(content)
    with pytest.raises(LongshoreError, match="local model mine"):
        FolderEmbedder(local)


def test_a_file_that_broke_off_is_told(tmp_path: Path) -> None:
    local = written(tmp_path / "m")
    weights = local.folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    with pytest.raises(LongshoreError, match="local model mine"):
        FolderEmbedder(local)
