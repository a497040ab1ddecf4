"""The offline embedder: the vectors of wordllama, without wordllama."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from longshore.embedding import pooling, static
from longshore.embedding.base import Embedder
from longshore.embedding.static import StaticEmbedder
from longshore.errors import LongshoreError

TEXTS = [
    "A knowledge graph connects documents, people and concepts.",
    "지식 그래프는 문서와 사람과 개념을 잇는다.",
    "Graphs of knowledge relate papers, authors and ideas.",
    "Bake the bread for forty minutes in a hot oven.",
    "",
    "x",
]


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


def test_it_is_an_embedder_of_256_dimensions(embedder: StaticEmbedder) -> None:
    typed: Embedder = embedder
    vectors = typed.embed(TEXTS)
    assert (typed.model, typed.dimensions) == ("wordllama-l2-supercat-256", 256)
    assert vectors.shape == (len(TEXTS), 256)
    assert vectors.dtype == np.float32


def test_no_texts_give_no_rows(embedder: StaticEmbedder) -> None:
    assert embedder.embed([]).shape == (0, 256)


def test_rows_are_unit_vectors_and_an_empty_text_is_zero(embedder: StaticEmbedder) -> None:
    lengths = np.linalg.norm(embedder.embed(TEXTS), axis=1)
    assert lengths[TEXTS.index("")] == 0
    assert np.delete(lengths, TEXTS.index("")) == pytest.approx(1, abs=1e-6)


def test_related_texts_lie_nearer_than_unrelated_ones(embedder: StaticEmbedder) -> None:
    graph, _, graphs, bread, *_ = embedder.embed(TEXTS)
    assert graph @ graphs > graph @ bread + 0.2


def test_the_vectors_are_those_of_wordllamas_own_inference(embedder: StaticEmbedder) -> None:
    from wordllama.config import Config  # type: ignore[import-untyped]
    from wordllama.inference import WordLlamaInference  # type: ignore[import-untyped]

    root = Path(str(distribution("wordllama").locate_file("wordllama")))
    reference = WordLlamaInference(
        load_file(root / "weights" / "l2_supercat_256.safetensors")["embedding.weight"],
        Config.l2_supercat,
        Tokenizer.from_file(str(root / "tokenizers" / "l2_supercat_tokenizer_config.json")),
    )
    texts = [text for text in TEXTS if text] + ["a long text, beyond any limit of a tokenizer " * 300]
    for text in texts:
        expected = reference.embed(text, norm=True)[0]
        assert embedder.embed([text])[0] == pytest.approx(expected, abs=1e-6)


def test_a_text_longer_than_one_gathering_is_embedded_whole(
    embedder: StaticEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = " ".join(TEXTS) * 20
    whole = embedder.embed([text])
    monkeypatch.setattr(pooling, "_TOKENS_AT_A_TIME", 7)
    assert embedder.embed([text]) == pytest.approx(whole, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=90))
def test_a_vector_is_equal_bit_for_bit_whatever_its_batch(embedder: StaticEmbedder, texts: list[str]) -> None:
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert together.tobytes() == alone.tobytes()


def test_every_call_logs_once_what_it_embedded(embedder: StaticEmbedder) -> None:
    with structlog.testing.capture_logs() as logged:
        embedder.embed(["abc", "de"])
        embedder.embed(["f" * 100] * 70)
    assert [{key: event[key] for key in ("event", "model", "texts", "characters")} for event in logged] == [
        {"event": "embedded", "model": "wordllama-l2-supercat-256", "texts": 2, "characters": 5},
        {"event": "embedded", "model": "wordllama-l2-supercat-256", "texts": 70, "characters": 7000},
    ]


def test_it_never_imports_wordllama() -> None:
    script = "import sys; from longshore.embedding.static import StaticEmbedder as E; E().embed(['a']); " + (
        "assert not [name for name in sys.modules if name.split('.')[0] in ('wordllama', 'requests')]"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_absent_data_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "_PACKAGE", "no-such-distribution-is-installed")
    with pytest.raises(LongshoreError) as caught:
        StaticEmbedder()
    assert caught.value.code == "embedder_missing"
    assert caught.value.hint


def test_other_weights_are_refused_under_this_models_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "_SHA256", dict.fromkeys(static._SHA256, "0" * 64))
    with pytest.raises(LongshoreError) as caught:
        StaticEmbedder()
    assert caught.value.code == "embedder_altered"
