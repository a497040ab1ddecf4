"""The ledger of a running import: its one true state, changed by activity results and messages only."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from workflows.contracts import (
    TERMINAL,
    BatchOutcome,
    Embedding,
    Extraction,
    Fallback,
    ItemCounts,
    Lacking,
    Plan,
    Planned,
    Progress,
    Reason,
    Refused,
    Requeued,
    Revision,
    Stage,
    StageProgress,
    State,
    StepOutcome,
)

STAGES: dict[Stage, tuple[str, float]] = {
    "stage": ("files", 0.02),
    "plan": ("items", 0.05),
    "parse": ("items", 0.38),
    "extract": ("items", 0.10),
    "embed": ("items", 0.20),
    "write": ("items", 0.10),
    "retire": ("items", 0.02),
    "link": ("steps", 0.11),
    "close": ("steps", 0.02),
}
"""The unit of each stage, and how much of the whole it is taken to be; the shares add up to 1."""

BATCH_STAGES: tuple[Stage, ...] = ("parse", "extract", "embed", "write")

OPERATOR_REASONS = frozenset({"operator_action", "cost_cap"})
"""Why an import waits for somebody to see to a provider."""
PROVIDER_REASONS = OPERATOR_REASONS | {"provider_rate_limit", "provider_unavailable", "provider_budget"}
"""Why an import waits that cannot go on asking."""

_REASONS_TOLD = 10
_OTHER_REASONS = "Other answers that could not be used."

_ETA_SPREAD = 0.4
_ETA_AFTER_SECONDS = 5.0
_ETA_AFTER_FRACTION = 0.1


class Count(BaseModel):
    """Units of a stage. `total` is None until it is known."""

    done: int = 0
    failed: int = 0
    total: int | None = None
    began_s: float = 0.0
    """The import's active seconds when the stage began, and when it last came on."""
    reached_s: float = 0.0
    started_at: datetime | None = None
    reached_at: datetime | None = None


class Ledger(BaseModel):
    """Carried whole from run to run when the history is rolled over."""

    started_at: datetime
    updated_at: datetime
    state: State = "running"
    reason: Reason | None = None
    stages: dict[Stage, Count] = {}
    revision: Revision | None = None
    plan: Plan | None = None
    approved: bool = False
    retry_requested: bool = False
    webhooks: int = 0
    batches: int = 0
    next_batch: int = 0
    next_retirement: int = 0
    redone: bool = False
    """Steps were done again for what had not changed, so the relations are to be made anew."""
    link_steps: tuple[tuple[str, int], ...] = ()
    next_link: int = 0
    settled: ItemCounts = ItemCounts()
    chunks: int = 0
    embedding: Embedding | None = None
    extraction: Extraction | None = None
    new_facts: bool = False
    """The rest of the project is to be asked about too, and its relations are to be made anew."""
    facts_after: str | None = None
    """Up to which passage, by hash, that has been done."""
    new_index: bool = False
    rest_after: str | None = None
    """Of the project's passages, up to which all have a vector."""
    unread: tuple[int, ...] = ()
    """Batches that are to be parsed anew."""
    put_back: tuple[int, ...] = ()
    """Batches that were parsed and wait to be embedded when the history is rolled over."""
    tokens: int = 0
    cost: float = 0.0
    allowed_cost: float = 0.0
    used_up: bool = False
    """The next request could cost more than that, so nothing is asked until somebody allows more."""
    refused: dict[str, Refused] = {}
    """By provider, what is waited for."""
    fallbacks: dict[str, Fallback] = {}
    """By the provider that was away."""
    without_facts: tuple[Lacking, ...] = ()
    without_vectors: Lacking | None = None
    warnings: int = 0
    attachments_failed: int = 0
    interruptions: int = 0
    high_water: float = 0.0
    active_s: float = 0.0
    """Seconds spent neither waiting nor paused."""
    aliases: tuple[str, ...] = ()

    def begin(self, stage: Stage, total: int | None, now: datetime) -> None:
        self._tick(now)
        self.stages[stage] = Count(total=total, began_s=self.active_s, reached_s=self.active_s)

    def start(self, stage: Stage, now: datetime) -> None:
        """Take note of when the work of a stage began, which may be long after it was known what there is to do."""
        count = self.stages[stage]
        count.started_at = count.started_at or now

    def advance(self, stage: Stage, done: int, now: datetime, failed: int = 0) -> None:
        self._tick(now)
        count = self.stages[stage]
        count.done += done
        count.failed += failed
        count.reached_s, count.reached_at = self.active_s, now

    def finish(self, stage: Stage, done: int, now: datetime) -> None:
        self._tick(now)
        count = self.stages[stage]
        count.done = count.total = done
        count.reached_s, count.reached_at = self.active_s, now

    def enter(self, state: State, now: datetime, reason: Reason | None = None) -> None:
        self._tick(now)
        self.state, self.reason = state, reason

    def spend(self, tokens: int, cost: float) -> None:
        self.tokens += tokens
        self.cost += cost

    def fall_back(self, provider: str, fallback: str, refused: Refused) -> bool:
        """Note that a provider's fallback is asked, and why. Whether that is news."""
        known = self.fallbacks.get(provider)
        if known and known.active and (known.code, known.message) == (refused.code, refused.message):
            return False
        passages = known.passages if known else 0
        self.fallbacks[provider] = Fallback(
            provider=fallback,
            instead_of=provider,
            active=True,
            code=refused.code,
            message=refused.message,
            passages=passages,
        )
        return True

    def end_fallback(self, provider: str) -> None:
        """Note that a provider is back."""
        if known := self.fallbacks.get(provider):
            self.fallbacks[provider] = known.model_copy(update={"active": False})

    def count_fallback(self, provider: str, passages: int) -> None:
        known = self.fallbacks[provider]
        self.fallbacks[provider] = known.model_copy(update={"passages": known.passages + passages})

    def give_up_passage(self, provider: str, why: str) -> None:
        """Count a passage that has no facts."""
        among = {(one.provider, one.message): one for one in self.without_facts}
        if (provider, why) not in among and len(among) >= _REASONS_TOLD:
            why = _OTHER_REASONS
        before = among.get((provider, why))
        passages = before.passages + 1 if before else 1
        among[provider, why] = Lacking(provider=provider, message=why, passages=passages)
        self.without_facts = tuple(among.values())

    def leave_without_vectors(self, provider: str, why: str) -> None:
        """Keep the first reason; how many passages it concerns is counted when the import closes."""
        self.without_vectors = self.without_vectors or Lacking(provider=provider, message=why, passages=0)

    def requests_at_once(self, provider: str) -> int:
        """How many requests to a provider are worth having under way; 0 if the import was not told."""
        return next(
            (used.at_once for used in (self.embedding, self.extraction) if used and used.provider == provider), 0
        )

    def take_plan(self, plan: Plan, now: datetime) -> None:
        """Begin the stages of the batches with what there is to do."""
        self.plan, self.batches = plan, plan.batches
        self.finish("plan", plan.total, now)
        self.settled = ItemCounts(
            total=plan.total, unchanged=plan.unchanged, skipped=plan.skipped, renamed=plan.renamed
        )
        self.attachments_failed, self.warnings = plan.attachments_failed, plan.warnings
        for stage in BATCH_STAGES:
            self.begin(stage, plan.total - plan.unchanged - plan.skipped, now)
        self.begin("retire", plan.removed, now)

    def take_step(self, stage: Stage, outcome: StepOutcome, now: datetime) -> None:
        self.advance(stage, outcome.items, now)
        self.interruptions += outcome.attempt - 1
        if stage == "parse":
            self.chunks += outcome.chunks

    def take_again(self, stage: Stage, outcome: StepOutcome, now: datetime) -> None:
        """Count what was done beside the items of the plan."""
        count = self.stages[stage]
        count.total = (count.total or 0) + outcome.items
        self.take_step(stage, outcome, now)

    def read_again(self, batch: int, read: StepOutcome, now: datetime) -> None:
        """Have a batch parsed a second time, and counted anew; what was counted of it stays counted."""
        self.unread = (*self.unread, batch)
        self.chunks -= read.chunks
        for stage in BATCH_STAGES[:-1]:
            count = self.stages[stage]
            count.total = (count.total or 0) + read.items
        self._tick(now)

    def take_batch(self, stage: Stage, outcome: BatchOutcome, now: datetime) -> None:
        """Count a batch's items as settled; what it lacked in earlier stages (it failed there) is made up for."""
        counts = outcome.model_dump(include=set(ItemCounts.model_fields))
        self.advance(stage, sum(counts.values()), now, failed=outcome.failed)
        self.interruptions += outcome.attempt - 1
        self.attachments_failed += outcome.attachments_failed
        self.warnings += outcome.warnings
        before = self.settled.model_dump()
        self.settled = ItemCounts(**{name: before[name] + counts.get(name, 0) for name in before})

    def take_requeued(self, requeued: Requeued, now: datetime) -> None:
        self.batches, self.settled = requeued.batches, requeued.counts
        self.attachments_failed, self.warnings = requeued.attachments_failed, requeued.warnings
        for stage in BATCH_STAGES:
            count = self.stages[stage]
            count.failed = 0
            count.total = (count.total or 0) + requeued.items
        self._tick(now)

    @property
    def fraction(self) -> float:
        """0 to 1, never less than it was; 1 only once the import has ended."""
        if self.state in TERMINAL:
            return 1.0
        return self.high_water

    def _tick(self, now: datetime) -> None:
        if self.state in ("running", "cancelling"):
            self.active_s += max(0.0, (now - self.updated_at).total_seconds())
        self.updated_at = now
        reached = sum(
            share * (1.0 if not count.total else min(1.0, count.done / count.total))
            for stage, (_, share) in STAGES.items()
            if (count := self.stages.get(stage)) is not None and count.total is not None
        )
        self.high_water = min(0.999, max(self.high_water, reached))

    def progress(self, import_id: str, follow_up: str | None) -> Progress:
        return Progress(
            import_id=import_id,
            aliases=self.aliases,
            follow_up=follow_up,
            state=self.state,
            reason=self.reason,
            fraction=round(self.fraction, 4),
            stages=tuple(self._stage(stage) for stage in STAGES),
            items=self.settled,
            planned=self._planned(),
            chunks=self.chunks,
            tokens=self.tokens,
            cost=round(self.cost, 6),
            fallbacks=tuple(self.fallbacks[provider] for provider in sorted(self.fallbacks)),
            without_facts=self.without_facts,
            without_vectors=self.without_vectors,
            warnings=self.warnings + sum(one.passages for one in self.without_facts),
            attachments_failed=self.attachments_failed,
            interruptions=self.interruptions,
            eta_range_s=self._eta(),
            revision=self.revision,
            started_at=self.started_at,
            updated_at=self.updated_at,
        )

    def _planned(self) -> Planned | None:
        if self.plan is None:
            return None
        counts = self.plan.model_dump(include=set(ItemCounts.model_fields))
        return Planned(items=ItemCounts(**counts), needs_approval=self.plan.needs_approval)

    def _stage(self, stage: Stage) -> StageProgress:
        unit = STAGES[stage][0]
        count = self.stages.get(stage)
        if count is None:
            return StageProgress(name=stage, state="pending", unit=unit)
        seconds = count.reached_s - count.began_s
        done = count.total is not None and count.done >= count.total
        return StageProgress(
            name=stage,
            state="done" if done else "waiting" if stage == "embed" and self.waits_for_provider else "running",
            unit=unit,
            done=count.done,
            failed=count.failed,
            total=count.total,
            rate_per_s=round(count.done / seconds, 2) if seconds >= 1 else None,
            started_at=count.started_at,
            ended_at=count.reached_at if done else None,
        )

    @property
    def waits_for_provider(self) -> bool:
        return self.state == "waiting" and self.reason is not None and self.reason.code in PROVIDER_REASONS

    def _eta(self) -> tuple[float, float] | None:
        if self.state != "running" or self.active_s < _ETA_AFTER_SECONDS or self.high_water < _ETA_AFTER_FRACTION:
            return None
        left = self.active_s * (1 - self.high_water) / self.high_water
        return (round(left * (1 - _ETA_SPREAD), 1), round(left * (1 + _ETA_SPREAD), 1))
