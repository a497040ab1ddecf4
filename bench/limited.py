"""An import that is embedded by a provider of so many requests a second: how much longer it takes than it has to."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench.program import program
from bench.stand import Stand
from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import FakeLimits, Script
from workflows.contracts import ClosingRecord, ImportOptions, Submission

RPS = 10
TEXTS = 4
"""In one request."""
_ALLOWED = 1.1
"""What the provider takes, as a share of what it is asked for: its clock is not the one that hands out the requests."""
_PROVIDERS = """
[embedding.limited]
kind = "openai"
base_url = "{url}/v1"
model = "limited"
dimensions = 256
max_items = {texts}
limits = {{ rps = {rps} }}
"""


@dataclass(frozen=True)
class Limited:
    record: ClosingRecord
    requests: int
    """That were answered."""
    refused: int
    seconds: float
    """From the first request to the last."""

    @property
    def bound_s(self) -> float:
        """What so many requests take at the least."""
        return (self.requests - 1) / RPS

    @property
    def lost(self) -> float:
        """The time beyond that, as a share of it."""
        return self.seconds / self.bound_s - 1


async def limited(stand: Stand, submission: Submission, workers: int) -> Limited:
    database = await stand.fresh_database()
    settings = stand.home / "providers.toml"
    limits = FakeLimits(requests_per_s=RPS * _ALLOWED, burst=RPS)
    try:
        async with FakeProvider(Script(limits=limits)) as fake, AsyncExitStack() as stack:
            settings.write_text(_PROVIDERS.format(url=fake.url, texts=TEXTS, rps=RPS))
            for _ in range(workers):
                environment = stand.environment(database)
                worker = await stack.enter_async_context(program("worker", env=environment, log=stand.log))
                await worker.said("worker started")
            asked = submission.model_copy(update={"options": ImportOptions(embedder="limited")})
            record = await (await stand.submit(asked)).result()
            answered = [call for call in fake.calls if call.status == 200]
            seconds = fake.calls[-1].at - fake.calls[0].at
            return Limited(record, len(answered), len(fake.calls) - len(answered), seconds)
    finally:
        settings.unlink(missing_ok=True)
