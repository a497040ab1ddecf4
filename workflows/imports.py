"""`ImportWorkflow`: one run brings one source in; its id is the lock of the source."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Literal

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows import contracts
    from workflows.contracts import (
        TERMINAL,
        BatchRef,
        CloseImport,
        ClosingRecord,
        FailBatch,
        ImportRef,
        LinkBatch,
        Progress,
        Reason,
        RestRef,
        StepOutcome,
        Submission,
        Telling,
    )
    from workflows.embedding import ProviderEmbedding
    from workflows.extraction import ProviderExtraction
    from workflows.ledger import OPERATOR_REASONS, Ledger
    from workflows.providers import RolledOver
    from workflows.requests import Allowance, Host, RequestFailed
    from workflows.showing import Showing, memo_of
    from workflows.steps import run_step
    from workflows.webhooks import WebhooksWorkflow


class ImportInput(BaseModel):
    """`ledger` is set when a run continues an import whose history was rolled over."""

    submission: Submission
    ledger: Ledger | None = None
    follow_up: Submission | None = None
    aliases: tuple[str, ...] = ()
    """Ids of equal submissions that attached to this one before it began."""
    follow_up_aliases: tuple[str, ...] = ()


TEXTS_UNREAD = "texts_unread"


@workflow.defn(name="ImportWorkflow")
class ImportWorkflow:
    @workflow.init
    def __init__(self, start: ImportInput) -> None:
        now = workflow.now()
        self._submission = start.submission
        self._follow_up = start.follow_up
        self._follow_up_aliases = start.follow_up_aliases
        self._ledger = start.ledger or Ledger(started_at=now, updated_at=now, aliases=start.aliases)
        self._paused = self._ledger.state == "paused"
        self._cancel_requested = False
        self._rolling = False
        self._work: asyncio.Future[None] | None = None
        self._showing = Showing()
        self._allowance: Allowance | None = None
        self._resumed = False
        self._embedding: ProviderEmbedding | None = None
        self._extraction: ProviderExtraction | None = None

    @workflow.run
    async def run(self, start: ImportInput) -> ClosingRecord:
        if start.ledger is None:
            opened = await run_step(contracts.open_import, self._submission, summary="open the record")
            self._ledger.webhooks = opened.webhooks
            self._ledger.embedding, self._ledger.new_index = opened.embedding, opened.new_index
            self._ledger.extraction, self._ledger.new_facts = opened.extraction, opened.new_facts
            self._ledger.allowed_cost = self._submission.options.max_cost or 0.0
        self._use_providers()
        self._show()
        cancelled, failure = False, None
        try:
            self._work = asyncio.ensure_future(self._unload())
            await self._work
        except asyncio.CancelledError:
            cancelled = True
        except ActivityError as error:
            if is_cancelled_exception(error):
                cancelled = True
            else:
                failure = _explain(error)
        if self._rolling and not cancelled and failure is None and not self._cancel_requested:
            await self._roll_over()
        stopped_from_outside = cancelled and not self._cancel_requested
        record = await asyncio.shield(asyncio.ensure_future(self._close(cancelled, failure)))
        if self._follow_up and not stopped_from_outside:
            await self._continue(ImportInput(submission=self._follow_up, aliases=self._follow_up_aliases))
        return record

    async def _unload(self) -> None:
        if self._cancel_requested:
            raise asyncio.CancelledError
        if self._ledger.plan is None:
            await self._stage_and_plan()
        await self._await_approval()
        while await self._walk_batches():
            await self._extract_again()
            if not self._ledger.retry_requested:
                await self._ask_about_rest()
                await self._embed_rest()
                if self._rolling:
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
        await self._unpaused()
        plan = self._ledger.plan
        options = self._submission.options
        asks = options.ask and plan is not None and (plan.changes_anything or bool(options.redo))
        if plan is None or not (plan.needs_approval or asks) or self._ledger.approved:
            return
        message = (
            f"This import would add {plan.added} items, read {plan.changed} again and remove {plan.removed}. "
            "Approve it, or cancel it."
        )
        self._enter("waiting", Reason(code="awaiting_approval", message=message))
        if self._ledger.webhooks:
            await self._tell("import.waiting", self._progress())
        await workflow.wait_condition(lambda: self._ledger.approved)
        self._enter("running")

    async def _walk_batches(self) -> bool:
        """Whether all batches are done; otherwise the history is to be rolled over first."""
        await self._unpaused()
        lanes = [self._lane() for _ in range(self._submission.options.lanes)]
        failures = [result for result in await asyncio.gather(*lanes, return_exceptions=True) if result is not None]
        if failures:
            raise failures[0]
        return not self._rolling

    async def _lane(self) -> None:
        while not self._rolling:
            await self._unpaused()
            if workflow.info().is_continue_as_new_suggested():
                self._rolling = True
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
            if self._extraction:
                await self._extraction.ask_about_batch(batch, f"extract {number}")
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
            reason = error.reason if isinstance(error, RequestFailed) else _explain(error)
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

    def _use_providers(self) -> None:
        host = Host(
            ref=self._ref,
            max_cost=self._submission.options.max_cost,
            unpaused=self._unpaused,
            show=self._show,
            waiting_changed=self._waiting_changed,
            fell_back=lambda: self._show(force=True),
            rolling=self._rolls,
        )
        self._allowance = Allowance(self._ledger, host)
        if self._ledger.embedding:
            self._embedding = ProviderEmbedding(self._ledger.embedding, self._ledger, host, self._allowance)
        if self._ledger.extraction:
            self._extraction = ProviderExtraction(self._ledger.extraction, self._ledger, host, self._allowance)
        if self._resumed:
            self._ask_providers_again()

    def _ask_providers_again(self) -> None:
        """Because somebody says so, perhaps before this run had come so far."""
        if self._allowance is None:
            return
        self._resumed = False
        self._allowance.extend()
        for provider in (self._embedding, self._extraction):
            if provider:
                provider.requests.knock()

    async def _embed_batch(self, batch: BatchRef, summary: str) -> StepOutcome:
        if self._embedding is None:
            return await self._step("embed", contracts.embed_batch, batch, summary)
        self._ledger.start("embed", workflow.now())
        return await self._stepped("embed", await self._embedding.embed_batch(batch, summary))

    async def _ask_about_rest(self) -> None:
        """Have the rest of the project read by the language model that this import asks, where that is a new one."""
        if self._extraction and self._ledger.new_facts and not self._rolling:
            with suppress(RolledOver):
                await self._extraction.ask_about_rest()

    async def _embed_rest(self) -> None:
        """Give the rest of the project vectors of the model that this import uses, where it is a new one."""
        if not self._ledger.new_index:
            return
        if self._embedding is None:
            rest = RestRef(**self._ref.model_dump())
            await run_step(contracts.embed_rest, rest, summary="embed the rest of the project")
        else:
            with suppress(RolledOver):
                await self._embedding.embed_rest()
        self._ledger.new_index = self._rolling
        self._ledger.redone = True

    def _rolls(self) -> bool:
        """Whether what waits for a provider should be left to the next run."""
        self._rolling = self._rolling or workflow.info().is_continue_as_new_suggested()
        return self._rolling

    @property
    def _provider_reason(self) -> Reason | None:
        """Why a provider keeps the import waiting."""
        parts = (self._allowance, *(provider.requests for provider in (self._embedding, self._extraction) if provider))
        return next((part.reason for part in parts if part and part.reason), None)

    def _waiting_changed(self) -> None:
        """A provider keeps the import waiting, or does not any more."""
        if self._ledger.state not in ("running", "waiting"):
            return
        before, reason = self._ledger.reason, self._provider_reason
        if reason == before:
            return
        self._enter("waiting" if reason else "running", reason)
        for_somebody = reason is not None and reason.code in OPERATOR_REASONS
        if for_somebody and self._ledger.webhooks and not (before and before.code in OPERATOR_REASONS):
            asyncio.ensure_future(self._tell("import.waiting", self._progress()))  # noqa: RUF006

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
                self._rolling = True
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

    async def _close(self, cancelled: bool, failure: Reason | None) -> ClosingRecord:
        self._ledger.begin("close", 1, workflow.now())
        self._ledger.start("close", workflow.now())
        closed = await run_step(
            contracts.close_import,
            CloseImport(
                **self._ref.model_dump(),
                aliases=self._ledger.aliases,
                cancelled=cancelled,
                failure=failure,
                settled=self._ledger.settled,
                progress=self._progress(),
            ),
            summary="audit and close",
        )
        record = closed.record
        self._ledger.finish("close", 1, workflow.now())
        self._ledger.settled = record.items
        self._enter(record.state, record.reason)
        if closed.webhooks:
            await self._tell("import.closed", record)
        return record

    async def _tell(self, event: Literal["import.closed", "import.waiting"], data: Progress | ClosingRecord) -> None:
        """Leave the telling to a workflow of its own: a receiver that is down holds up nothing."""
        submission = self._submission
        await workflow.start_child_workflow(
            WebhooksWorkflow.run,
            Telling(project=submission.project, import_id=submission.import_id, event=event, data=data),
            id=f"webhooks/{submission.project}/{submission.import_id}/{workflow.uuid4()}",
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        )

    async def _roll_over(self) -> None:
        await self._continue(
            ImportInput(
                submission=self._submission,
                ledger=self._ledger,
                follow_up=self._follow_up,
                follow_up_aliases=self._follow_up_aliases,
            )
        )

    async def _continue(self, following: ImportInput) -> None:
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(following, memo=memo_of(following.submission))

    @workflow.signal
    def submit(self, submission: Submission) -> None:
        """Attach an equal submission; keep a different one as the follow-up, the latest wins."""
        if submission.import_id == self._submission.import_id:
            return
        if submission.digest == self._submission.digest and self._ledger.state not in TERMINAL:
            self._ledger.aliases = _with(self._ledger.aliases, submission.import_id)
        elif self._follow_up and submission.digest == self._follow_up.digest:
            self._follow_up_aliases = _with(self._follow_up_aliases, submission.import_id)
        else:
            self._follow_up, self._follow_up_aliases = submission, ()
        self._show(force=True)

    @workflow.signal
    def pause(self, import_id: str) -> None:
        waits = self._ledger.state == "waiting" and self._provider_reason
        if self._concerns(import_id) and (self._ledger.state == "running" or waits):
            self._paused = True
            self._enter("paused", Reason(code="operator_paused", message="Paused; resume it to go on."))

    @workflow.signal
    def resume(self, import_id: str) -> None:
        if self._concerns(import_id) and self._paused:
            self._paused = False
            self._enter("running")
            self._waiting_changed()
        elif self._concerns(import_id) and self._ledger.state in ("waiting", "running"):
            self._resumed = True
            self._ask_providers_again()

    @workflow.signal
    def cancel(self, import_id: str) -> None:
        if self._concerns(import_id) and self._ledger.state not in TERMINAL:
            self._cancel_requested = True
            self._enter("cancelling")
            if self._work:
                self._work.cancel()

    @workflow.signal
    def retry_failed(self, import_id: str) -> None:
        if self._concerns(import_id):
            self._ledger.retry_requested = True

    @workflow.signal(name="approve_removals")
    def approve(self, import_id: str) -> None:
        if self._concerns(import_id):
            self._ledger.approved = True

    @workflow.query
    def progress(self) -> Progress:
        return self._progress()

    def _progress(self) -> Progress:
        follow_up = self._follow_up.import_id if self._follow_up else None
        return self._ledger.progress(self._submission.import_id, follow_up)

    def _concerns(self, import_id: str) -> bool:
        """A message for an older or a later import of this source must not touch this one."""
        return import_id == self._submission.import_id or import_id in self._ledger.aliases

    async def _unpaused(self) -> None:
        """Between steps: wait while paused, and stop when cancelled.

        A step that completes although its cancellation was asked for swallows that, so it is asked again here.
        """
        task = asyncio.current_task()
        if task and task.cancelling():
            raise asyncio.CancelledError
        await workflow.wait_condition(lambda: not self._paused)

    def _enter(self, state: contracts.State, reason: Reason | None = None) -> None:
        self._ledger.enter(state, workflow.now(), reason)
        self._show(force=True)

    def _show(self, force: bool = False) -> None:
        self._showing.show(self._progress(), self._following(), force)

    def _following(self) -> dict[str, Any] | None:
        if self._follow_up is None:
            return None
        named = self._follow_up.model_dump(mode="json", include={"import_id", "digest", "manifest", "submitted_at"})
        return {**named, "aliases": list(self._follow_up_aliases)}

    @property
    def _ref(self) -> ImportRef:
        submission = self._submission
        return ImportRef(project=submission.project, import_id=submission.import_id, source_key=submission.source_key)

    def _batch(self, number: int) -> BatchRef:
        return BatchRef(**self._ref.model_dump(), batch=number)


def _with(ids: tuple[str, ...], another: str) -> tuple[str, ...]:
    return ids if another in ids else (*ids, another)


def _explain(error: ActivityError) -> Reason:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return Reason(code=cause.type or "error", message=cause.message)
    return Reason(code=type(cause).__name__ if cause else "error", message=str(cause or error))
