"""`ImportWorkflow`: one run brings one source in; its id is the lock of the source."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows import contracts
    from workflows.contracts import (
        TERMINAL,
        CloseImport,
        ClosingRecord,
        Progress,
        Reason,
        Submission,
        Telling,
    )
    from workflows.ledger import OPERATOR_REASONS, Ledger
    from workflows.showing import Showing, memo_of
    from workflows.steps import explain, run_step
    from workflows.unloading import Control, Unloading
    from workflows.webhooks import WebhooksWorkflow


class ImportInput(BaseModel):
    """`ledger` is set when a run continues an import whose history was rolled over."""

    submission: Submission
    ledger: Ledger | None = None
    follow_up: Submission | None = None
    aliases: tuple[str, ...] = ()
    """Ids of equal submissions that attached to this one before it began."""
    follow_up_aliases: tuple[str, ...] = ()


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
        self._closing = False
        self._resumed = False
        self._unloading: Unloading | None = None
        self._work: asyncio.Future[None] | None = None
        self._showing = Showing()

    @workflow.run
    async def run(self, start: ImportInput) -> ClosingRecord:
        if start.ledger is None:
            opened = await run_step(contracts.open_import, self._submission, summary="open the record")
            self._ledger.webhooks = opened.webhooks
            self._ledger.embedding, self._ledger.new_index = opened.embedding, opened.new_index
            self._ledger.extraction, self._ledger.new_facts = opened.extraction, opened.new_facts
            self._ledger.allowed_cost = self._submission.options.max_cost or 0.0
        control = Control(self._unpaused, self._approved, self._waiting_changed, self._show)
        unloading = self._unloading = Unloading(self._submission, self._ledger, control)
        if self._resumed:
            unloading.asking.again()
        self._show()
        cancelled, failure = False, None
        try:
            self._work = asyncio.ensure_future(self._unload(unloading))
            await self._work
        except asyncio.CancelledError:
            cancelled = True
        except ActivityError as error:
            if is_cancelled_exception(error):
                cancelled = True
            else:
                failure = explain(error)
        if unloading.rolling and not cancelled and failure is None and not self._cancel_requested:
            await self._roll_over()
        stopped_from_outside = cancelled and not self._cancel_requested
        record = await asyncio.shield(asyncio.ensure_future(self._close(cancelled, failure)))
        if self._follow_up and not stopped_from_outside:
            await self._continue(ImportInput(submission=self._follow_up, aliases=self._follow_up_aliases))
        return record

    async def _unload(self, unloading: Unloading) -> None:
        if self._cancel_requested:
            raise asyncio.CancelledError
        await unloading.run()

    async def _approved(self, reason: Reason) -> None:
        self._enter("waiting", reason)
        if self._ledger.webhooks:
            await self._tell("import.waiting", self._progress())
        await workflow.wait_condition(lambda: self._ledger.approved)
        self._enter("running")

    @property
    def _provider_reason(self) -> Reason | None:
        return self._unloading.asking.reason if self._unloading else None

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

    async def _close(self, cancelled: bool, failure: Reason | None) -> ClosingRecord:
        self._closing = True
        self._ledger.begin("close", 1, workflow.now())
        self._ledger.start("close", workflow.now())
        closed = await run_step(
            contracts.close_import,
            CloseImport(
                project=self._submission.project,
                import_id=self._submission.import_id,
                source_key=self._submission.source_key,
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
        if submission.digest == self._submission.digest and not self._is_over():
            self._ledger.aliases = _with(self._ledger.aliases, submission.import_id)
        elif self._follow_up and submission.digest == self._follow_up.digest:
            self._follow_up_aliases = _with(self._follow_up_aliases, submission.import_id)
        else:
            self._follow_up, self._follow_up_aliases = submission, ()
        self._show(force=True)

    def _is_over(self) -> bool:
        """Whether the closing record no longer takes up who attaches."""
        if self._ledger.state in TERMINAL:
            return True
        return self._closing and workflow.patched("nobody-attaches-to-what-closes")

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
            if self._unloading:
                self._unloading.asking.again()

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


def _with(ids: tuple[str, ...], another: str) -> tuple[str, ...]:
    return ids if another in ids else (*ids, another)
