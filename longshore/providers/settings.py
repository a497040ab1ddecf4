"""The providers of an installation: `providers.toml`.

```toml
[embedding.openai]
kind = "openai"
model = "text-embedding-3-small"
dimensions = 1536
secret = "env:OPENAI_API_KEY"
```
"""

from __future__ import annotations

import math
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from longshore.errors import LongshoreError
from longshore.ids import is_space
from longshore.providers.secrets import SecretReference

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}$")]
"""Names a task queue too, and stands in histories: it holds no secret."""
EmbeddingKind = Literal["openai", "azure", "cohere", "voyage"]
ChatKind = Literal["openai", "azure"]

MILLION = 1_000_000
MOST_NUMBERS = 1 << 19
"""In the vectors of one answer: 10 MB of JSON, and some 30 MB while it is read."""
FEWEST_AT_ONCE, MOST_AT_ONCE = 4, 64
_ANSWER_S = 2.0
"""What an answer is taken to take, so that one worker alone can make as many requests as a provider allows."""
BASE_URLS = {
    "openai": "https://api.openai.com/v1",
    "cohere": "https://api.cohere.com/v2",
    "voyage": "https://api.voyageai.com/v1",
}


class Limits(BaseModel):
    """What a provider may be asked for. What is not set is not limited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rps: float | None = Field(default=None, gt=0, le=10_000)
    """Requests per second, of all workers together."""
    tokens_per_minute: int | None = Field(default=None, gt=0)
    tokens_per_day: int | None = Field(default=None, gt=0)


class Provider(BaseModel):
    """What embedding and extraction have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    role: ClassVar[str]
    name: Name
    kind: EmbeddingKind
    base_url: str = Field(default="", validate_default=True)
    """Up to, without, `/embeddings`, `/embed` or `/chat/completions`. Default: that of the kind's own service."""
    model: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
    api_version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.-]{1,40}$")] | None = None
    """Of Azure."""
    secret: SecretReference | None = None
    """Where the key is; None for a server that asks for none."""
    deadline_s: float = Field(default=60, gt=0, le=3600)
    """For a whole request, from connecting to the last byte of the answer."""
    limits: Limits = Limits()
    at_once: int | None = Field(default=None, ge=1, le=MOST_AT_ONCE)
    """Requests under way at a time, of each worker. Default: 4, or what `rps` needs where an answer takes 2 seconds."""
    fallback: Name | None = None
    """Another table of the same kind of work, which is asked while this provider is away for long."""

    @property
    def id(self) -> str:
        """The head of its table, such as `embedding.openai`: what its gate, its queue and its bill are kept under."""
        return f"{self.role}.{self.name}"

    @property
    def slots(self) -> int:
        """Requests that one worker has under way at a time: a rate is only reached by enough of them."""
        return self.at_once or min(max(FEWEST_AT_ONCE, math.ceil((self.limits.rps or 0) * _ANSWER_S)), MOST_AT_ONCE)

    def at_once_in(self, project: str) -> int:
        """Requests that one import has under way, with those that wait on the queue.

        Twice as many as a worker makes, so that the next is there when one has been answered, or enough for four
        workers. Variants that are compared ask for the same one after the other, and so for fewer.
        """
        return FEWEST_AT_ONCE if is_space(project) else max(2 * self.slots, 4 * FEWEST_AT_ONCE)

    @model_validator(mode="before")
    @classmethod
    def _with_its_own_address(cls, given: Any) -> Any:
        if isinstance(given, dict) and not given.get("base_url") and given.get("kind") in BASE_URLS:
            return {**given, "base_url": BASE_URLS[given["kind"]]}
        return given

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
        except ValueError:
            valid = False
        if not valid or not re.fullmatch(r"[\x21-\x7e]+", url):
            raise ValueError("is not a URL such as https://api.example.org/v1")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("must hold neither credentials nor parameters; a key belongs where `secret` points to")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _has_what_azure_needs(self) -> Provider:
        if (self.kind == "azure") != (self.api_version is not None):
            raise ValueError("needs api_version with the kind azure, and takes none with another")
        return self


class EmbeddingProvider(Provider):
    """A provider of vectors."""

    role = "embedding"
    dimensions: int = Field(ge=1, le=4000)
    """Of its vectors. The database's index holds at most 4,000."""
    shorten: bool = False
    """Ask the provider for vectors of these dimensions; for models that can be shortened."""
    stored_as: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")] = ""
    """Names model, weights and dimensions where vectors are kept; equal names mean equal vectors."""
    max_items: int = Field(default=0, ge=0, le=2048)
    """Texts in one request. Default: 96, or 256 for Voyage."""
    max_tokens: int = Field(default=50_000, ge=16)
    """Tokens in one request, as estimated here."""
    max_text_tokens: int = Field(default=8_000, ge=16)
    """Tokens in one text; what is longer is cut, and noted."""
    price_per_million: Decimal = Field(default=Decimal(0), ge=0)
    """Of input tokens, in the currency of the provider's bill."""

    @property
    def key(self) -> str:
        """What its vectors are stored under."""
        return self.stored_as or f"{self.model}@{self.dimensions}"

    def cost(self, tokens: int) -> Decimal:
        return self.price_per_million * tokens / MILLION

    @property
    def items(self) -> int:
        """Texts in one request, fewer than wanted where the answer would be too much for a worker's memory."""
        wanted = self.max_items or (256 if self.kind == "voyage" else 96)
        return max(1, min(wanted, MOST_NUMBERS // self.dimensions))


class ExtractionProvider(Provider):
    """A provider of chat completions."""

    role = "extraction"
    kind: ChatKind
    structured: Literal["json_schema", "json_object", "prompt"] = "json_schema"
    """How the form of the answer is asked for. All are told it in the prompt, too; `prompt` is for endpoints that
    ignore or refuse `response_format`."""
    temperature: Annotated[float, Field(ge=0, le=2)] | Literal["default"] = 0
    """`default` leaves it to the model; some take no other than their own."""
    answer_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """The field that bounds the answer: OpenAI's newer models take only the second, Ollama only the first."""
    max_answer_tokens: int = Field(default=2_000, ge=100, le=100_000)
    """Some providers count it as used before they begin."""
    price_per_million_in: Decimal = Field(default=Decimal(0), ge=0)
    price_per_million_out: Decimal = Field(default=Decimal(0), ge=0)
    """Of tokens sent and of tokens answered, in the currency of the provider's bill."""

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        return (self.price_per_million_in * tokens_in + self.price_per_million_out * tokens_out) / MILLION


class LocalModel(BaseModel):
    """A folder with a model2vec model, which is used on the worker's own machine."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name
    folder: Path

    @field_validator("folder")
    @classmethod
    def _is_absolute(cls, folder: Path) -> Path:
        if not folder.is_absolute():
            raise ValueError("must be a whole path, for workers start in any folder")
        return folder


class Providers(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    embedding: dict[Name, EmbeddingProvider] = {}
    local: dict[Name, LocalModel] = {}
    """Of embeddings, too."""
    extraction: dict[Name, ExtractionProvider] = {}

    @field_validator("embedding", "local", "extraction", mode="before")
    @classmethod
    def _named_by_their_tables(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: {**table, "name": name} if isinstance(table, dict) else table for name, table in given.items()}

    @model_validator(mode="after")
    def _has_one_embedder_of_a_name(self) -> Providers:
        if both := self.embedding.keys() & self.local.keys():
            raise ValueError(f"embedding and local both name {min(both)}")
        return self

    @model_validator(mode="after")
    def _has_the_fallbacks_that_it_names(self) -> Providers:
        for tables in (self.embedding, self.extraction):
            for provider in tables.values():
                if provider.fallback is not None:
                    _check_fallback(provider, tables.get(provider.fallback))
        return self


def _check_fallback(provider: Provider, other: Provider | None) -> None:
    named = f"{provider.id} names the fallback {provider.fallback}"
    if other is None:
        raise ValueError(f"{named}, and there is no {provider.role}.{provider.fallback}")
    if other is provider:
        raise ValueError(f"{named}, which is itself")
    if isinstance(provider, EmbeddingProvider) and isinstance(other, EmbeddingProvider) and provider.key != other.key:
        raise ValueError(
            f"{named}, whose vectors are others: {other.key}, not {provider.key}. An index is made of one model's; "
            "where both serve the same weights under two names, give them the same stored_as"
        )


def read_providers(path: Path) -> Providers:
    """The providers in a file; none if the file is not there.

    Raises:
        LongshoreError: `bad_providers`, which says where what is wrong, and repeats no value.
    """
    try:
        text = path.read_text()
    except FileNotFoundError:
        return Providers()
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(path, f"it cannot be read ({type(error).__name__})") from None
    try:
        return Providers.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, f"it is no TOML ({_place(error)})") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        why = first["msg"].removeprefix("Value error, ")
        raise _bad(path, f"{where}: {why}" if where else why) from None


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Line and column; the rest of the message quotes the file."""
    found = re.search(r"\(at (line \d+, column \d+|end of document)\)", str(error))
    return found[1] if found else "somewhere"


def _bad(path: Path, why: str) -> LongshoreError:
    return LongshoreError(
        "bad_providers", f"The providers in {path} cannot be used: {why}.", "docs/providers.md shows how it is written."
    )
