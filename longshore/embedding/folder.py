"""An offline embedder of the user's choice: a model2vec folder, with a vector for each token.

The format is that of the `model2vec` package (https://github.com/MinishLab/model2vec), whose own vectors have the same
direction for texts within its limit of 512 tokens; here there is none. Its code is neither needed nor run.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from tokenizers import Tokenizer

from longshore.embedding.pooling import unit_mean
from longshore.errors import LongshoreError
from longshore.providers.settings import LocalModel

WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
_TEXTS_AT_A_TIME = 64
_LONGEST_HEADER = 1 << 20
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "<i1"}

_log = structlog.get_logger(__name__)


class FolderEmbedder:
    """Embeds texts with a folder's vectors.

    They stay in the file, of which the system keeps in memory what is used: models of many languages are larger than a
    worker may be.

    Raises:
        LongshoreError: `bad_model` when the folder holds no such model.
    """

    def __init__(self, local: LocalModel) -> None:
        try:
            tensors = _tensors(local.folder / WEIGHTS)
            self._rows: NDArray[Any] = tensors["embeddings"] if "embeddings" in tensors else tensors["embedding.weight"]
            self._weights = tensors.get("weights")
            self._mapping = tensors.get("mapping")
            self._tokenizer = Tokenizer.from_file(str(local.folder / TOKENIZER))
            described = json.loads(self._tokenizer.to_str())["model"]
            self._check()
        # The tokenizer's own errors are plain exceptions.
        except Exception as error:
            raise LongshoreError(
                "bad_model",
                f"The folder of the local model {local.name} holds no model2vec model ({type(error).__name__}).",
                f"It needs {WEIGHTS} and {TOKENIZER}, as `StaticModel.save_pretrained` writes them.",
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        unknown = described.get("unk_token")
        self._unknown = described.get("unk_id") if unknown is None else self._tokenizer.token_to_id(unknown)
        # The name is the key under which vectors are kept, so it has to mean exactly these bytes.
        self.model = f"{local.name}@{self.dimensions}-{_digest(local.folder)[:12]}"

    @property
    def dimensions(self) -> int:
        return int(self._rows.shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions); a row of zeros for a text without a known token."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_A_TIME):
            batch = list(texts[start : start + _TEXTS_AT_A_TIME])
            for row, encoded in enumerate(self._tokenizer.encode_batch_fast(batch, add_special_tokens=False), start):
                vectors[row] = self._pool(encoded.ids)
        _log.info("embedded", model=self.model, texts=len(texts), characters=sum(map(len, texts)))
        return vectors

    def _pool(self, found: list[int]) -> NDArray[np.float64]:
        ids = np.array([one for one in found if one != self._unknown], dtype=np.int64)
        weights = None if self._weights is None else self._weights[ids].astype(np.float64)
        return unit_mean(self._rows, ids if self._mapping is None else self._mapping[ids], weights)

    def _check(self) -> None:
        """That every token has its vector, so that no text fails later.

        Raises:
            ValueError: it does not.
        """
        tokens = max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=-1) + 1
        for by_token in (self._weights, self._mapping):
            if by_token is not None and (by_token.ndim != 1 or len(by_token) < tokens):
                raise ValueError("a token has no weight or place")
        last = tokens - 1 if self._mapping is None else int(self._mapping.max(initial=-1))
        if self._rows.ndim != 2 or last >= len(self._rows) or (self._mapping is not None and self._mapping.min() < 0):
            raise ValueError("a token has no vector")


def _tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a safetensors file, mapped and not read.

    Raises:
        OSError: the file cannot be read.
        ValueError, KeyError, TypeError: it is not of the format.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= _LONGEST_HEADER:
            raise ValueError("no header")
        header = json.loads(file.read(length))
    content = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length)
    tensors: dict[str, NDArray[Any]] = {}
    for name, told in header.items():
        if name == "__metadata__":
            continue
        start, end = told["data_offsets"]
        kind = np.dtype(_TYPES[told["dtype"]])
        if not 0 <= start <= end <= len(content) or end - start != math.prod(told["shape"]) * kind.itemsize:
            raise ValueError("a tensor lies elsewhere")
        tensors[name] = content[start:end].view(kind).reshape(told["shape"])
    return tensors


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (WEIGHTS, TOKENIZER):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
