"""The offline embedder: the mean of static token vectors.

Weights and vocabulary are two data files of the `wordllama` wheel, read without running its code. Where they come from
and under which terms stands in `docs/licences.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from safetensors.numpy import load
from tokenizers import Tokenizer

from longshore.embedding.pooling import unit_mean
from longshore.errors import LongshoreError

MODEL = "wordllama-l2-supercat-256"
DIMENSIONS = 256
_PACKAGE = "wordllama"
_WEIGHTS = "wordllama/weights/l2_supercat_256.safetensors"
_VOCABULARY = "wordllama/tokenizers/l2_supercat_tokenizer_config.json"
# The model's name is the key under which vectors are kept, so it has to mean exactly these bytes.
_SHA256 = {
    _WEIGHTS: "64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
    _VOCABULARY: "bf467c9e0f536bda271283c6ef85eb1a943e3196b621c8a912d64953b205df83",
}
_TEXTS_AT_A_TIME = 64

_log = structlog.get_logger(__name__)


class StaticEmbedder:
    """Embeds texts with wordllama's `l2_supercat` vectors; needs no network and some 60 MB.

    Raises:
        LongshoreError: `embedder_missing` when the wheel's data files are absent, `embedder_altered` when they are not
            the ones this model's name stands for.
    """

    model = MODEL
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        # Kept as float16: half the memory, and only the rows of a text are widened, while they are summed.
        self._rows: NDArray[np.float16] = load(_data(_WEIGHTS))["embedding.weight"]
        self._tokenizer = Tokenizer.from_buffer(_data(_VOCABULARY))
        # A vector has to depend on the whole text and on nothing else, whatever the file's settings say.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), 256); a row of zeros for a text without a known token.

        A row has the direction of the mean of the text's token vectors, as in wordllama's own inference. It is equal
        bit for bit whatever other texts it is embedded with.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_A_TIME):
            batch = list(texts[start : start + _TEXTS_AT_A_TIME])
            for row, encoded in enumerate(self._tokenizer.encode_batch_fast(batch, add_special_tokens=False), start):
                vectors[row] = unit_mean(self._rows, encoded.ids)
        _log.info("embedded", model=MODEL, texts=len(texts), characters=sum(map(len, texts)))
        return vectors


def _data(name: str) -> bytes:
    """One of the wheel's files; found through its metadata, because importing wordllama runs code we do not need."""
    try:
        path = Path(str(distribution(_PACKAGE).locate_file(name)))
        content = path.read_bytes()
    except (PackageNotFoundError, OSError) as error:
        raise LongshoreError(
            "embedder_missing",
            f"the offline embedder's data cannot be read: {error}",
            "install the package again, so that its dependency wordllama comes with it",
        ) from error
    if hashlib.sha256(content).hexdigest() != _SHA256[name]:
        raise LongshoreError(
            "embedder_altered",
            f"{name} is not the file that the model {MODEL} stands for",
            "install wordllama in the version that this package's requirements pin",
        )
    return content
