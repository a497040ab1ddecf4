"""An import that is embedded by a provider of so many requests a second: how much longer it takes than it has to.

Judged by the provider's own log of when it was asked, and by the whole import beside that.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from time import time

from bench.program import program
from bench.stand import Stand
from longshore.dev.fake_provider import FakeProvider
from longshore.dev.script import FakeLimits, Rule, Script
from workflows.contracts import ClosingRecord, ImportOptions, Submission

RPS = 10
TEXTS = 4
"""In one request."""
ANSWER_S = 0.5
"""What the provider takes for one: the rate is reached only by several at a time."""
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
    asked_at: Sequence[float]
    """When each request came that was answered."""
    refused: int
    began_at: float
    closed_at: float
    """When it was submitted, and when its record was there."""

    @property
    def requests(self) -> int:
        return len(self.asked_at)

    @property
    def lost(self) -> float:
        """The time from the first request to the last, beyond what so many take at the least, as a share of that."""
        return _lost(self.asked_at)

    @property
    def lost_under_way(self) -> float:
        """The same without what comes at once in the beginning: a rate counts by the second."""
        return _lost(self.asked_at[2 * RPS :])

    @property
    def before_s(self) -> float:
        """Until the first request: what is read before there is anything to ask."""
        return self.asked_at[0] - self.began_at

    @property
    def after_s(self) -> float:
        """From the last request: its answer, and what is written and linked then."""
        return self.closed_at - self.asked_at[-1]

    @property
    def longest_gap_s(self) -> float:
        """In which the provider was not asked."""
        return max(later - earlier for earlier, later in pairwise(self.asked_at))


async def limited(stand: Stand, submission: Submission, workers: int) -> Limited:
    database = await stand.fresh_database()
    settings = stand.home / "providers.toml"
    script = Script(
        limits=FakeLimits(requests_per_s=RPS * _ALLOWED, burst=RPS), rules=(Rule(do="answer", delay_s=ANSWER_S),)
    )
    try:
        async with FakeProvider(script) as fake, AsyncExitStack() as stack:
            settings.write_text(_PROVIDERS.format(url=fake.url, texts=TEXTS, rps=RPS))
            for _ in range(workers):
                environment = stand.environment(database)
                worker = await stack.enter_async_context(program("worker", env=environment, log=stand.log))
                await worker.said("worker started")
            asked = submission.model_copy(update={"options": ImportOptions(embedder="limited")})
            began_at = time()
            record = await (await stand.submit(asked)).result()
            closed_at = time()
            answered = [call.at for call in fake.calls if call.status == 200]
            return Limited(record, answered, len(fake.calls) - len(answered), began_at, closed_at)
    finally:
        settings.unlink(missing_ok=True)


def _lost(asked_at: Sequence[float]) -> float:
    return (asked_at[-1] - asked_at[0]) * RPS / (len(asked_at) - 1) - 1
