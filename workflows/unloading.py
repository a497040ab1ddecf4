"""The work of an import between its opening and its end: staging, planning, batches in lanes, and relations."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import contracts
from workflows.asking import Asking
from workflows.contracts import BatchRef, FailBatch, ImportRef, LinkBatch, Reason, RestRef, StepOutcome, Submission
from workflows.ledger import Ledger
from workflows.providers import RolledOver
from workflows.requests import Host, RequestFailed
from workflows.steps import explain, run_step

TEXTS_UNREAD = "texts_unread"


class Show(Protocol):
    def __call__(self, force: bool = False) -> None: ...


@dataclass(frozen=True)
class Control:
    """What others have a say in while an import is unloaded."""

    unpaused: Callable[[], Awaitable[None]]
    """Waits while the import is paused, and stops when it is cancelled."""
    approved: Callable[[Reason], Awaitable[None]]
    """Waits for a yes."""
    waiting_changed: Callable[[], None]
    """A provider keeps the import waiting, or does not any more."""
    show: Show


class Unloading:
    """What is done stands in the ledger, so that the next run goes on from there."""

    def __init__(self, submission: Submission, ledger: Ledger, control: Control) -> None:
        self._submission = submission
        self._ref = ImportRef(
            project=submission.project, import_id=submission.import_id, source_key=submission.source_key
        )
        self._ledger = ledger
        self._unpaused = control.unpaused
        self._approved = control.approved
        self._show = control.show
        self.rolling = False
        """The history is to be rolled over: what is under way ends, and nothing else begins."""
        host = Host(
            ref=self._ref,
            max_cost=submission.options.max_cost,
            unpaused=control.unpaused,
            show=control.show,
            waiting_changed=control.waiting_changed,
            fell_back=lambda: control.show(force=True),
            rolling=self._rolls,
        )
        self.asking = Asking(ledger, host)

    async def run(self) -> None:
        if self._ledger.plan is None:
            await self._stage_and_plan()
        await self._unpaused()
        await self._await_approval()
        while await self._walk_batches():
            await self._extract_again()
            if not self._ledger.retry_requested:
                await self._ask_about_rest()
                await self._embed_rest()
                if self.rolling:
                    return
                await self._link()
            if not self._ledger.retry_requested:
                return
            await self._take_up_failed()

    async def _stage_and_plan(self) -> None:
        self._ledger.begin("stage", None, workflow.now())
        self._ledger.start("stage", workflow.now())
        staged = await run_step(contracts.stage_source, self._ref, summary="stage the files")
        self._ledger.revision = staged.revision
        self._ledger.finish("stage", staged.files, workflow.now())
        await self._unpaused()
        self._ledger.begin("plan", None, workflow.now())
        self._ledger.start("plan", workflow.now())
        self._show()
        plan = await run_step(contracts.plan_import, self._ref, summary="compare with the graph")
        self._ledger.take_plan(plan, workflow.now())
        self._show()

    async def _await_approval(self) -> None:
        plan = self._ledger.plan
        options = self._submission.options
        asks = options.ask and plan is not None and (plan.changes_anything or bool(options.redo))
        if plan is None or not (plan.needs_approval or asks) or self._ledger.approved:
            return
        message = (
            f"This import would add {plan.added} items, read {plan.changed} again and remove {plan.removed}. "
            "Approve it, or cancel it."
        )
        await self._approved(Reason(code="awaiting_approval", message=message))

    async def _walk_batches(self) -> bool:
        """Whether all batches are done; otherwise the history is to be rolled over first."""
        await self._unpaused()
        lanes = [self._lane() for _ in range(self._submission.options.lanes)]
        failures = [result for result in await asyncio.gather(*lanes, return_exceptions=True) if result is not None]
        if failures:
            raise failures[0]
        return not self.rolling

    async def _lane(self) -> None:
        while not self.rolling:
            await self._unpaused()
            if workflow.info().is_continue_as_new_suggested():
                self.rolling = True
            elif self._ledger.put_back:
                again, self._ledger.put_back = self._ledger.put_back[0], self._ledger.put_back[1:]
                await self._unload_batch(self._batch(again), parsed=True)
            elif self._ledger.unread:
                again, self._ledger.unread = self._ledger.unread[0], self._ledger.unread[1:]
                await self._unload_batch(self._batch(again))
            elif self._ledger.next_batch < self._ledger.batches:
                self._ledger.next_batch += 1
                await self._unload_batch(self._batch(self._ledger.next_batch - 1))
            elif not await self._retire_next():
                return

    async def _unload_batch(self, batch: BatchRef, parsed: bool = False) -> None:
        number = f"batch {batch.batch + 1} of {self._ledger.batches}"
        read: StepOutcome | None = None
        try:
            if not parsed:
                read = await self._step("parse", contracts.parse_batch, batch, f"parse {number}")
                await self._step("extract", contracts.extract_batch, batch, f"extract {number}")
            if self.asking.extraction:
                await self.asking.extraction.ask_about_batch(batch, f"extract {number}")
            embedded = await self._embed_batch(batch, f"embed {number}")
            read = read or embedded
            self._ledger.start("write", workflow.now())
            outcome = await run_step(contracts.write_batch, batch, summary=f"write {number}")
        except RolledOver:
            self._ledger.put_back = (*self._ledger.put_back, batch.batch)
            return
        except (ActivityError, RequestFailed) as error:
            if is_cancelled_exception(error):
                raise
            reason = error.reason if isinstance(error, RequestFailed) else explain(error)
            if reason.code == TEXTS_UNREAD and read:
                # The worker that parsed it had another version than the one that writes it: there is a deploy.
                self._ledger.read_again(batch.batch, read, workflow.now())
                return
            outcome = await run_step(
                contracts.fail_batch,
                FailBatch(batch=batch, code=reason.code, detail=reason.message),
                summary=f"record the failure of {number}",
            )
        self._ledger.take_batch("write", outcome, workflow.now())
        self._show()

    async def _step(
        self, stage: contracts.Stage, step: contracts.BatchStep, batch: BatchRef, summary: str
    ) -> StepOutcome:
        self._ledger.start(stage, workflow.now())
        return await self._stepped(stage, await run_step(step, batch, summary=summary))

    async def _stepped(self, stage: contracts.Stage, outcome: StepOutcome) -> StepOutcome:
        self._ledger.take_step(stage, outcome, workflow.now())
        self._show()
        await self._unpaused()
        return outcome

    async def _embed_batch(self, batch: BatchRef, summary: str) -> StepOutcome:
        if self.asking.embedding is None:
            return await self._step("embed", contracts.embed_batch, batch, summary)
        self._ledger.start("embed", workflow.now())
        return await self._stepped("embed", await self.asking.embedding.embed_batch(batch, summary))

    async def _ask_about_rest(self) -> None:
        """Have the rest of the project read by the language model that this import asks, where that is a new one."""
        if self.asking.extraction and self._ledger.new_facts and not self.rolling:
            with suppress(RolledOver):
                await self.asking.extraction.ask_about_rest()

    async def _embed_rest(self) -> None:
        """Give the rest of the project vectors of the model that this import uses, where it is a new one."""
        if not self._ledger.new_index:
            return
        if self.asking.embedding is None:
            rest = RestRef(**self._ref.model_dump())
            await run_step(contracts.embed_rest, rest, summary="embed the rest of the project")
        else:
            with suppress(RolledOver):
                await self.asking.embedding.embed_rest()
        self._ledger.new_index = self.rolling
        self._ledger.redone = True

    def _rolls(self) -> bool:
        """Whether what waits for a provider should be left to the next run."""
        self.rolling = self.rolling or workflow.info().is_continue_as_new_suggested()
        return self.rolling

    async def _retire_next(self) -> bool:
        """Retire the next batch of removed items; False when there is none left."""
        plan = self._ledger.plan
        if plan is None or self._ledger.next_retirement >= plan.retire_batches:
            return False
        self._ledger.next_retirement += 1
        batch = self._batch(plan.batches + self._ledger.next_retirement - 1)
        self._ledger.start("retire", workflow.now())
        outcome = await run_step(contracts.retire_batch, batch, summary="retire what the source no longer has")
        self._ledger.take_batch("retire", outcome, workflow.now())
        self._show()
        return True

    async def _take_up_failed(self) -> None:
        """Between walks only, so that no batch is in flight whose outcome the store has and the ledger has not."""
        self._ledger.retry_requested = False
        requeued = await run_step(contracts.requeue_failed, self._ref, summary="take up failed items again")
        self._ledger.take_requeued(requeued, workflow.now())
        self._ledger.link_steps, self._ledger.next_link = (), 0

    async def _extract_again(self) -> None:
        """Search the texts, some at a time, that only another extractor has searched."""
        left = "extract" in self._submission.options.redo
        while left:
            self._ledger.start("extract", workflow.now())
            outcome = await run_step(contracts.extract_again, self._ref, summary="search texts for concepts again")
            left = outcome.items > 0
            self._ledger.redone = self._ledger.redone or left
            self._ledger.take_again("extract", outcome, workflow.now())
            self._show()
            await self._unpaused()

    async def _link(self) -> None:
        if not self._ledger.link_steps:
            if not (self._has_to_link() or self._ledger.new_facts):
                self._ledger.begin("link", 0, workflow.now())
                return
            plan = await run_step(contracts.plan_links, self._ref, summary="plan the relations")
            self._ledger.link_steps = plan.steps
            self._ledger.begin("link", sum(buckets for _, buckets in plan.steps), workflow.now())
        todo = [(step, bucket, of) for step, of in self._ledger.link_steps for bucket in range(of)]
        for step, bucket, of in todo[self._ledger.next_link :]:
            await self._unpaused()
            if workflow.info().is_continue_as_new_suggested():
                self.rolling = True
                return
            self._ledger.start("link", workflow.now())
            request = LinkBatch(**self._ref.model_dump(), step=step, bucket=bucket, buckets=of)
            outcome = await run_step(contracts.link_batch, request, summary=f"link {step} {bucket + 1} of {of}")
            self._ledger.next_link += 1
            self._ledger.interruptions += outcome.attempt - 1
            self._ledger.advance("link", 1, workflow.now())
            self._show()

    def _has_to_link(self) -> bool:
        settled = self._ledger.settled
        changed = settled.added or settled.changed or settled.duplicate or settled.removed
        owed = self._ledger.plan is not None and self._ledger.plan.links_owed
        return bool(changed or self._ledger.redone or owed)

    def _batch(self, number: int) -> BatchRef:
        return BatchRef(**self._ref.model_dump(), batch=number)
