"""`VariantsWorkflow`: one source through several pipelines at once, each evaluated; done when every one has ended.

Who is the last to end does not matter, nor how close together they do: nobody counts but this workflow, and what it
waits for is the state of the variants itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)

with workflow.unsafe.imports_passed_through():
    from workflows.contracts import TERMINAL, ClosingRecord, Reason, State, Submission, comparisons
    from workflows.contracts.comparisons import (
        Board,
        ComparisonInput,
        OpenSpace,
        Promote,
        Retry,
        Step,
        Variant,
        VariantRef,
        outcome_of,
    )
    from workflows.imports import ImportInput, ImportWorkflow
    from workflows.showing import STATE_ATTRIBUTE, attributes_of, memo_of
    from workflows.steps import explain, run_step
    from workflows.tracks import Track, board_of, tracks_of


class _StepFailed(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message)
        self.reason = reason


@workflow.defn(name="VariantsWorkflow")
class VariantsWorkflow:
    @workflow.init
    def __init__(self, start: ComparisonInput) -> None:
        self._comparison = start.comparison
        self._tracks = tracks_of(start.comparison, start.board)
        self._started_at = start.board.started_at if start.board else workflow.now()
        self._state: State = "running"
        self._open = False
        self._drawn = False
        self._walks: dict[str, asyncio.Task[None]] = {}
        self._children: dict[str, workflow.ChildWorkflowHandle[Any, ClosingRecord]] = {}

    @workflow.run
    async def run(self, start: ComparisonInput) -> Board:
        await run_step(comparisons.open_comparison, self._comparison, summary="open the record")
        self._open = True
        for track in self._tracks.values():
            self._set_out(track)
        while True:
            await workflow.wait_condition(self._all_have_ended)
            self._enter(outcome_of(tuple(track.board() for track in self._tracks.values())))
            record = self.board()
            await run_step(comparisons.close_comparison, record, summary="close the record")
            await workflow.wait_condition(workflow.all_handlers_finished)
            if self._all_have_ended() and record.state == self._state:
                return record
            # A variant was taken up again while the record was being closed.
            await run_step(comparisons.open_comparison, self._comparison, summary="open the record again")

    def _all_have_ended(self) -> bool:
        return all(track.ended for track in self._tracks.values())

    def _set_out(self, track: Track) -> None:
        if self._open and not track.ended:
            self._walks[track.name] = asyncio.create_task(self._walk(track))

    async def _walk(self, track: Track) -> None:
        """Take a variant through the steps that are left. It ends in one of three states, once."""
        track.state, step = "running", track.left()[0]
        try:
            for step in track.left():
                await self._unpaused()
                if step == "retrieval":
                    await workflow.wait_condition(lambda: self._drawn or self._draws() is track)
                track.begin(step, workflow.now())
                await self._within_deadline(self._run(track, step))
                track.end(step, "done", workflow.now())
            track.state = "succeeded"
        except asyncio.CancelledError:
            self._end(track, step, None)
        except _StepFailed as failed:
            self._end(track, step, failed.reason)
        except (ActivityError, ChildWorkflowError) as error:
            self._end(track, step, None if is_cancelled_exception(error) else explain(error))

    def _end(self, track: Track, step: Step, reason: Reason | None) -> None:
        track.state = "failed" if reason else "cancelled"
        track.end(step, track.state, workflow.now(), reason)

    def _draws(self) -> Track | None:
        """Who draws the questions, once it is imported: the first in order, so that they are the same every time."""
        first = next((track for track in self._tracks.values() if not track.ended), None)
        return first if first and first.imported else None

    async def _run(self, track: Track, step: Step) -> None:
        ref = VariantRef(
            project=self._comparison.project,
            comparison_id=self._comparison.comparison_id,
            variant=track.name,
            space=track.space,
        )
        if step == "import":
            await self._import(track, ref)
            return
        if step == "retrieval" and not self._drawn:
            await run_step(comparisons.draw_questions, ref, summary=f"draw questions from {track.name}")
            self._drawn = True
        measure = {
            "retrieval": comparisons.measure_retrieval,
            "structure": comparisons.measure_structure,
            "cost": comparisons.measure_cost,
        }[step]
        measured = await run_step(measure, ref, summary=f"measure {step} of {track.name}")
        track.place(step).interruptions += measured.attempt - 1

    async def _import(self, track: Track, ref: VariantRef) -> None:
        space = OpenSpace(ref=ref, pipeline=self._variant(track).pipeline)
        await run_step(comparisons.open_space, space, summary=f"open the space of {track.name}")
        submission = self._submission(track)
        try:
            child = self._children[track.name] = await workflow.start_child_workflow(
                ImportWorkflow.run,
                ImportInput(submission=submission),
                id=f"import/{track.space}/{track.source_key}",
                parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
                memo=memo_of(submission),
                search_attributes=attributes_of(submission, "queued"),
                static_summary=f"variant {track.name}",
            )
        except WorkflowAlreadyStartedError:
            reason = Reason(code="import_running", message="An earlier import of this variant still runs; wait for it.")
            raise _StepFailed(reason) from None
        try:
            if self._state == "paused":
                await self._tell(child.signal(ImportWorkflow.pause, submission.import_id))
            record = await child
        finally:
            del self._children[track.name]
        track.place("import").interruptions += record.interruptions
        if record.state == "cancelled":
            self._check_cancelled()
            raise _StepFailed(Reason(code="import_cancelled", message="Its import was cancelled."))
        if record.state == "failed":
            raise _StepFailed(record.reason or Reason(code="import_failed", message="None of its items was imported."))

    def _variant(self, track: Track) -> Variant:
        return next(variant for variant in self._comparison.variants if variant.name == track.name)

    def _submission(self, track: Track) -> Submission:
        asked = self._comparison.submission
        options = asked.options.model_copy(
            update={
                "allow_removals": True,
                "ask": False,
                "embedder": self._variant(track).embedder,
                "extractor": self._variant(track).extractor,
            }
        )
        return asked.model_copy(
            update={
                "project": track.space,
                "import_id": track.import_id,
                "digest": f"{self._comparison.comparison_id}/{track.name}/{track.place('import').attempt}",
                "options": options,
                "idempotency_key": None,
                "submitted_at": workflow.now(),
            }
        )

    async def _within_deadline(self, work: Coroutine[Any, Any, None]) -> None:
        """Do a step, or end it when its time is over. It has ended when this returns, either way."""
        step = asyncio.create_task(work)
        clock = asyncio.create_task(self._elapse(self._comparison.step_deadline_s))
        try:
            await workflow.wait([step, clock], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await _stop(step, clock)
            raise
        late = not step.done()
        await _stop(step, clock)
        if late:
            seconds = f"{self._comparison.step_deadline_s:.0f}"
            raise _StepFailed(Reason(code="deadline", message=f"It was not done within {seconds} seconds."))
        step.result()

    async def _elapse(self, seconds: float) -> None:
        """Let so many seconds go by; while the comparison is paused none do."""
        while seconds > 0:
            await self._unpaused()
            began = workflow.time()
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._state == "paused", timeout=seconds)
            seconds -= workflow.time() - began

    async def _unpaused(self) -> None:
        self._check_cancelled()
        await workflow.wait_condition(lambda: self._state != "paused")

    def _check_cancelled(self) -> None:
        """A step that completes although its cancellation was asked for swallows that, so it is asked again here."""
        task = asyncio.current_task()
        if self._state == "cancelling" or (task and task.cancelling()):
            raise asyncio.CancelledError

    def _enter(self, state: State) -> None:
        self._state = state
        workflow.upsert_search_attributes([STATE_ATTRIBUTE.value_set(state)])

    @workflow.signal
    async def pause(self) -> None:
        if self._state == "running":
            self._enter("paused")
            await self._tell_children("pause")

    @workflow.signal
    async def resume(self) -> None:
        if self._state == "paused":
            self._enter("running")
            await self._tell_children("resume")

    @workflow.signal
    def cancel(self) -> None:
        """Variants that have ended stay as they are."""
        if self._state not in TERMINAL:
            self._enter("cancelling")
            for walk in self._walks.values():
                walk.cancel()

    @workflow.signal
    def retry(self, request: Retry) -> None:
        track = self._tracks.get(request.variant)
        if track is None or not track.ended or self._state == "cancelling":
            return
        track.rewind(request.step)
        if self._state in TERMINAL:
            self._enter("running")
        self._set_out(track)

    async def _tell_children(self, what: str) -> None:
        told = [self._tell(child.signal(what, self._tracks[name].import_id)) for name, child in self._children.items()]
        await asyncio.gather(*told)

    async def _tell(self, told: Awaitable[None]) -> None:
        with suppress(ApplicationError):  # its import has just closed
            await told

    @workflow.query
    def board(self) -> Board:
        return board_of(self._comparison, self._tracks, self._state, self._started_at, workflow.now())


@workflow.defn(name="PromoteWorkflow")
class PromoteWorkflow:
    @workflow.run
    async def run(self, request: Promote) -> None:
        await run_step(comparisons.promote_variant, request, summary=f"promote {request.variant}")


async def _stop(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
